/** How bytes go up: one streamed request over HTTP/2, slices over HTTP/1.1, decided by the browser at run time. */
import type { CDPSession, Page } from '@playwright/test';
import { blob, photo } from '../fixtures/media.ts';
import { expect, Room, test } from '../fixtures/test.ts';

/** Bytes of a slice over HTTP/1.1. */
const SLICE = 8 * 1024 * 1024;

interface Sent {
  protocol: string;
  method: string;
  contentLength: string | undefined;
}

test('over HTTPS a file is one streamed request, seen while it is held at half', async ({
  person,
  enter,
  startServer,
  startProxy,
}) => {
  const server = await startServer({ tls: true });
  const proxy = await startProxy(server);
  const file = photo();
  const page = await person('Anna', { origin: server.originAt(proxy.port) });
  const anna = await Room.create(page, 'Streamed');
  const ben = await enter('Ben', anna.id, { origin: server.origin });
  const sent = await recordUploads(page);

  proxy.holdOpaqueAfter(file.buffer.length / 2);
  await anna.share(file);
  await ben.state(file.name, 'sending');
  await expect.poll(() => ben.percent(file.name)).toBeGreaterThan(35);
  await expect(ben.card(file.name).locator('img.upload-card__picture')).toBeVisible();
  // Held: nothing more comes, and B says so.
  await ben.state(file.name, 'paused');
  expect(await ben.percent(file.name)).toBeLessThan(60);

  proxy.release();
  await ben.state(file.name, 'settled');
  await expect.poll(sent).toEqual([{ protocol: 'h2', method: 'PATCH', contentLength: undefined }]);
  // By the server's own count: one body, with every byte.
  await expect
    .poll(() => server.bodies)
    .toEqual([{ file: expect.any(String), offset: 0, received: file.buffer.length }]);
});

test('over plain HTTP a large file goes up in slices by itself', async ({ person, enter, server, startProxy }) => {
  const proxy = await startProxy(server);
  const file = blob('recording.bin', SLICE + 1_000_000);
  const anna = await Room.create(await person('Anna', { origin: server.originAt(proxy.port) }), 'Sliced');
  const ben = await enter('Ben', anna.id);

  await anna.share(file);
  await ben.state(file.name, 'settled');
  expect(proxy.uploads.map(({ method, offset, contentLength }) => ({ method, offset, contentLength }))).toEqual([
    { method: 'PATCH', offset: 0, contentLength: SLICE },
    { method: 'PATCH', offset: SLICE, contentLength: 1_000_000 },
  ]);
  expect(proxy.sent(proxy.paths[0] ?? '').equals(file.buffer)).toBe(true);
});

/** What the browser's network stack says of requests to /uploads, headers as they went out. */
async function recordUploads(page: Page): Promise<() => Sent[]> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const requests = new Map<string, Partial<Sent>>();
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (!new URL(request.url).pathname.startsWith('/uploads/')) return;
    requests.set(requestId, { ...requests.get(requestId), method: request.method });
  });
  session.on('Network.requestWillBeSentExtraInfo', ({ requestId, headers }) => {
    const length = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-length');
    requests.set(requestId, { ...requests.get(requestId), contentLength: length?.[1] });
  });
  session.on('Network.responseReceived', ({ requestId, response }) => {
    const known = requests.get(requestId);
    if (known !== undefined) requests.set(requestId, { ...known, protocol: response.protocol ?? '' });
  });
  return () =>
    [...requests.values()]
      .filter(({ method }) => method !== undefined)
      .map(({ protocol = '', method = '', contentLength }) => ({ protocol, method, contentLength }));
}
