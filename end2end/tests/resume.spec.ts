/** A sender who is cut off comes back and goes on at the byte where it was. */
import { photo } from '../fixtures/media.ts';
import { expect, Room, test } from '../fixtures/test.ts';

const CUT_AT = 0.6;

test('a sender cut at 60 % reloads and resumes without sending a byte again', async ({
  person,
  enter,
  server,
  startProxy,
  silence,
}) => {
  // The browser itself writes a line for each request that a cut connection ends.
  silence.allow(/Anna: error: Failed to load resource: net::ERR_/);
  const proxy = await startProxy(server);
  const file = photo();
  const size = file.buffer.length;
  const anna = await Room.create(await person('Anna', { origin: server.originAt(proxy.port) }), 'Cut off');
  const ben = await enter('Ben', anna.id);
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
  await anna.page.reload();
  proxy.release();
  await anna.live();
  await ben.state(file.name, 'settled');

  const again = proxy.uploads.slice(before);
  expect(again[0]?.offset, 'it goes on where it was').toBe(reached);
  expect(proxy.forwarded, 'no byte went twice').toBe(size);
  expect(await ben.isSameDocument()).toBe(true);
  const href = await ben.card(file.name).locator('a.upload-card__open').getAttribute('href');
  const served = await ben.page.request.get(href ?? '');
  expect((await served.body()).equals(proxy.sent(proxy.paths[0] ?? ''))).toBe(true);
});
