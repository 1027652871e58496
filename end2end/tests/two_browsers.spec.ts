/** A posts a photo, B sees its upper half while the lower has not been sent. */
import type { Page } from '@playwright/test';
import { photo, type MediaFile } from '../fixtures/media.ts';
import {
  colourDifference,
  COLOUR_TOLERANCE,
  decode,
  judgeHalf,
  likeness,
  rowsWithin,
  scale,
  SHOWS,
  swapHalves,
  type Picture,
  type Verdict,
} from '../fixtures/pixels.ts';
import { expect, Room, test } from '../fixtures/test.ts';

const HELD_AT = 0.5;
/** Rows around the edge that are not judged, as a share of the height: the edge glows upwards. */
const EDGE = 0.14;
const EVERYTHING = { from: 0, to: 1 };

test('a photo held at half shows its upper half to everybody, and all of it once it is let go', async ({
  person,
  enter,
  server,
  startProxy,
}) => {
  const proxy = await startProxy(server);
  const file = photo();
  const size = file.buffer.length;
  const anna = await Room.create(
    await person('Anna', { ownBrowser: true, origin: server.originAt(proxy.port) }),
    'Half a photo',
  );
  const ben = await enter('Ben', anna.id, { ownBrowser: true });
  await ben.mark();

  proxy.holdUploadsAfter(Math.floor(size * HELD_AT));
  await anna.share(file, 'Look while it arrives');
  await expect.poll(() => proxy.forwarded).toBeGreaterThanOrEqual(Math.floor(size * HELD_AT));

  await test.step('B has the post, the reserved frame and the stand-in', async () => {
    await expect(ben.post(1).locator('.post-body')).toHaveText('Look while it arrives');
    await expect(ben.card(file.name).locator('.upload-card__blur')).toBeVisible();
    const { width, height } = decode(file.buffer);
    const frame = await frameOf(ben, file);
    expect(frame.width / frame.height).toBeCloseTo(width / height, 1);
    await expect.poll(() => ben.percent(file.name)).toBe(Math.floor(HELD_AT * 100));
  });

  const arrived = await rowsOf(person, file, HELD_AT);
  await test.step('the arrived part on B is the photo, the rest is not', () => expectHalf(ben, file, arrived));

  const cleo = await test.step('who joins now sees the same', async () => {
    const cleo = await enter('Cleo', anna.id, { ownBrowser: true });
    await expect.poll(() => cleo.percent(file.name)).toBe(Math.floor(HELD_AT * 100));
    await expectHalf(cleo, file, arrived);
    return cleo;
  });

  await test.step('let go, both show the whole photo without a reload', async () => {
    expect(proxy.forwarded).toBe(Math.floor(size * HELD_AT));
    proxy.release();
    for (const room of [ben, cleo]) {
      await room.state(file.name, 'settled');
      await expectWhole(room, file);
    }
    expect(await ben.isSameDocument()).toBe(true);
  });

  await test.step('the bytes served are the bytes sent', async () => {
    const [path] = proxy.paths;
    const served = await fetchFile(ben, file);
    expect(served.equals(proxy.sent(path ?? ''))).toBe(true);
  });
});

/** Rows in the first half of the file, from the frame's point of view. */
async function rowsOf(person: (name: string) => Promise<Page>, file: MediaFile, share: number): Promise<number> {
  const page = await person('Decoder');
  return rowsWithin(page, file.buffer, Math.floor(file.buffer.length * share));
}

async function frameOf(room: Room, file: MediaFile): Promise<{ width: number; height: number }> {
  const frame = room.card(file.name).locator('.upload-card__frame');
  await frame.scrollIntoViewIfNeeded();
  const box = await frame.boundingBox();
  if (box === null) throw new Error('no frame');
  return box;
}

async function shotOf(room: Room, file: MediaFile): Promise<{ shown: Picture; reference: Picture }> {
  const frame = room.card(file.name).locator('.upload-card__frame');
  await frame.scrollIntoViewIfNeeded();
  const shown = decode(await frame.screenshot({ animations: 'disabled' }));
  return { shown, reference: scale(decode(file.buffer), shown.width, shown.height) };
}

/** Fails unless the arrived part matches and the rest does not; and would fail with either half swapped. */
async function expectHalf(room: Room, file: MediaFile, rows: number): Promise<void> {
  const shownRows = Math.min(rows, HELD_AT) - EDGE;
  const missingRows = Math.max(rows, HELD_AT) + EDGE / 2;
  let last: { shown: Picture; reference: Picture; verdict: Verdict } | undefined;
  await expect
    .poll(
      async () => {
        const { shown, reference } = await shotOf(room, file);
        last = { shown, reference, verdict: judgeHalf(shown, reference, shownRows, missingRows) };
        return last.verdict;
      },
      { message: 'the upper half is painted, the lower is not' },
    )
    .toMatchObject({ half: true });
  if (last === undefined) throw new Error('no screenshot');
  expect(judgeHalf(swapHalves(last.shown), last.reference, shownRows, missingRows).half).toBe(false);
  expect(judgeHalf(last.shown, swapHalves(last.reference), shownRows, missingRows).half).toBe(false);
}

async function expectWhole(room: Room, file: MediaFile): Promise<void> {
  await expect
    .poll(async () => {
      const { shown, reference } = await shotOf(room, file);
      const like = likeness(shown, reference, EVERYTHING) >= SHOWS;
      return like && colourDifference(shown, reference, EVERYTHING) <= COLOUR_TOLERANCE;
    })
    .toBe(true);
}

async function fetchFile(room: Room, file: MediaFile): Promise<Buffer> {
  const src = await room.card(file.name).locator('img.upload-card__picture').getAttribute('src');
  const answer = await room.page.request.get(src ?? '');
  expect(answer.status()).toBe(200);
  return answer.body();
}
