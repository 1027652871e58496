/** A sender who is cut off comes back and goes on at the byte where it was. */
import { photo } from '../fixtures/media.ts';
import { expect, Room, test } from '../fixtures/test.ts';

const CUT_AT = 0.6;

test('a sender cut at 60 % reloads and resumes without sending a byte again', async ({
  person,
  enter,
  startServer,
  startProxy,
  silence,
}) => {
  // The browser itself writes a line for each request that a cut connection ends.
  silence.allow(/Anna: error: Failed to load resource: net::ERR_/);
  const server = await startServer();
  const proxy = await startProxy(server);
  const file = photo();
  const size = file.buffer.length;
  const anna = await Room.create(await person('Anna', { origin: server.originAt(proxy.port) }), 'Cut off');
  const ben = await enter('Ben', anna.id, { origin: server.origin });
  await ben.mark();

  proxy.holdUploadsAfter(Math.ceil(size * CUT_AT));
  await anna.share(file);
  await expect.poll(() => ben.percent(file.name)).toBe(CUT_AT * 100);
  proxy.cutUploads();

  await ben.state(file.name, 'paused');
  await expect(ben.card(file.name)).toContainText('waiting for the sender');
  await expect(ben.card(file.name)).toContainText('60 %');

  const before = proxy.uploads.length;
  const reached = proxy.forwarded;
  const taken = () => server.bodies.map(({ offset, received }) => ({ offset, received }));
  await expect.poll(taken, 'the server kept all of the cut body').toEqual([{ offset: 0, received: reached }]);
  await anna.page.reload();
  proxy.release();
  await anna.live();
  await ben.state(file.name, 'settled');

  const again = proxy.uploads.slice(before);
  expect(again[0]?.offset, 'it goes on where it was').toBe(reached);
  expect(proxy.forwarded, 'no byte went twice').toBe(size);
  // By the server's own count: one body more, from the committed byte to the end.
  await expect.poll(taken).toEqual([
    { offset: 0, received: reached },
    { offset: reached, received: size - reached },
  ]);
  expect(new Set(server.bodies.map(({ file }) => file)).size, 'one file').toBe(1);
  expect(await ben.isSameDocument()).toBe(true);
  const href = await ben.card(file.name).locator('a.upload-card__open').getAttribute('href');
  const served = await ben.page.request.get(href ?? '');
  expect((await served.body()).equals(proxy.sent(proxy.paths[0] ?? ''))).toBe(true);
});
