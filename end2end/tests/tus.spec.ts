/** Uploads by a client that nobody here wrote. */
import { Upload } from 'tus-js-client';
import { createRoom } from '../fixtures/api.ts';
import { blob } from '../fixtures/media.ts';
import { expect, test } from '../fixtures/test.ts';

test('tus-js-client creates an upload, is broken off, and goes on where it was', async ({ person, server }) => {
  const page = await person('Anna');
  await page.goto('/');
  const room = await createRoom(page.request, 'Another client');
  const cookies = await page.context().cookies();
  const file = blob('another.bin', 700_000);
  const headers = { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
  const options = {
    endpoint: `${server.origin}/uploads`,
    metadata: { filename: file.name, room },
    headers,
    chunkSize: 200_000,
    retryDelays: null,
  };

  const address = await new Promise<string>((resolve, reject) => {
    const first: Upload = new Upload(file.buffer, {
      ...options,
      onError: reject,
      onChunkComplete: () => void first.abort().then(() => resolve(first.url ?? '')),
    });
    first.start();
  });
  const offset = async () => (await page.request.head(address, { headers })).headers()['upload-offset'];
  expect(Number(await offset())).toBeGreaterThanOrEqual(200_000);

  const sent: number[] = [];
  await new Promise<void>((resolve, reject) => {
    new Upload(file.buffer, {
      ...options,
      uploadUrl: address,
      onError: reject,
      onProgress: (bytes) => sent.push(bytes),
      onSuccess: () => resolve(),
    }).start();
  });
  expect(Math.min(...sent), 'nothing is sent again').toBeGreaterThanOrEqual(200_000);
  expect(await offset()).toBe('700000');
});
