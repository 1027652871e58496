/** The suite's own instruments tell the truth: the proxy's counts and holds, the judge of pixels. */
import { createServer, request, type Server as HttpServer } from 'node:http';
import { once } from 'node:events';
import { made } from '../fixtures/media.ts';
import { decode, judgeHalf, rowsWithin, scale, swapHalves, type Picture } from '../fixtures/pixels.ts';
import { expect, Proxy, test } from '../fixtures/test.ts';

test('the judge accepts a half-arrived photo and nothing else', () => {
  const photo = scale(decode(made(800, 500, 3).buffer), 400, 250);
  const blurred = standIn(photo);
  const half = stitch(photo, blurred, 0.5);
  expect(judgeHalf(half, photo, 0.48, 0.52)).toMatchObject({ half: true });
  for (const [what, shown] of Object.entries({
    'halves swapped': swapHalves(half),
    'the whole photo': photo,
    'only the stand-in': blurred,
    'another photo above': stitch(scale(decode(made(800, 500, 4).buffer), 400, 250), blurred, 0.5),
    'the photo below': stitch(blurred, photo, 0.5),
  })) {
    expect(judgeHalf(shown, photo, 0.48, 0.52).half, what).toBe(false);
  }
});

test('rows within a cut picture grow with its bytes', async ({ page }) => {
  const { buffer } = made(640, 400, 5);
  const rows = (share: number) => rowsWithin(page, buffer, Math.floor(buffer.length * share));
  expect(await rows(1)).toBe(1);
  for (const share of [0.2, 0.5, 0.8]) {
    const arrived = await rows(share);
    expect(arrived).toBeGreaterThan(share - 0.2);
    expect(arrived).toBeLessThan(share + 0.2);
  }
});

test.describe('the proxy', () => {
  let upstream: HttpServer;
  let received: { path: string; body: Buffer; arrived: number }[];
  let proxy: Proxy;

  test.beforeEach(async () => {
    received = [];
    upstream = createServer((incoming, answer) => {
      const record = { path: incoming.url ?? '', body: Buffer.alloc(0), arrived: 0 };
      received.push(record);
      incoming.on('data', (bytes: Buffer) => {
        record.body = Buffer.concat([record.body, bytes]);
        record.arrived = record.body.length;
      });
      incoming.on('end', () => answer.end('ok'));
      incoming.on('error', () => answer.destroy());
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const address = upstream.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    proxy = await Proxy.start(address.port);
  });

  test.afterEach(async () => {
    await proxy.dispose();
    upstream.closeAllConnections();
    upstream.close();
  });

  const send = (path: string, body: Buffer, headers: Record<string, string> = {}) =>
    new Promise<number | string>((resolve) => {
      const sending = request({ port: proxy.port, path, method: 'PATCH', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      sending.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      sending.end(body);
    });

  for (const kind of ['length', 'chunked']) {
    test(`holds an upload with a body by ${kind} at the byte and lets it go unharmed`, async () => {
      const body = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
      const headers = kind === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': '300000' };
      proxy.holdUploadsAfter(123_456);
      const sent = send('/uploads/k', body, headers);
      await expect.poll(() => received[0]?.arrived).toBe(123_456);
      expect(await send('/api/other', Buffer.from('x'))).toBe(200);
      expect(received[0]?.arrived).toBe(123_456);
      proxy.release();
      expect(await sent).toBe(200);
      expect(received[0]?.body.equals(body)).toBe(true);
      expect(proxy.sent('/uploads/k').equals(body)).toBe(true);
      expect(proxy.forwarded).toBe(300_000);
    });
  }

  test('cuts uploads, keeps cutting them until told otherwise, and leaves the rest alone', async () => {
    proxy.holdUploadsAfter(1_000);
    const sent = send('/uploads/k', Buffer.alloc(50_000));
    await expect.poll(() => received[0]?.arrived).toBe(1_000);
    proxy.cutUploads();
    expect(await sent).toBe('ECONNRESET');
    expect(await send('/uploads/k', Buffer.alloc(10))).toBe('ECONNRESET');
    expect(await send('/api/other', Buffer.alloc(10))).toBe(200);
    proxy.release();
    expect(await send('/uploads/k', Buffer.alloc(10), { 'upload-offset': '1000' })).toBe(200);
    expect(proxy.uploads.map(({ offset, forwarded }) => [offset, forwarded])).toEqual([
      [0, 1_000],
      [1_000, 10],
    ]);
  });
});

/** Colours without detail, as a stand-in has them. */
function standIn(picture: Picture): Picture {
  return scale(scale(picture, 8, 5), picture.width, picture.height);
}

function stitch(above: Picture, below: Picture, at: number): Picture {
  const bytes = Math.floor(above.height * at) * above.width * 4;
  const data = new Uint8Array(above.data.length);
  data.set(above.data.subarray(0, bytes));
  data.set(below.data.subarray(bytes), bytes);
  return { ...above, data };
}
