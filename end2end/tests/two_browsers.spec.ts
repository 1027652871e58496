/** A posts a photo, B sees its upper half while the lower has not been sent. */
import { photo, type MediaFile } from '../fixtures/media.ts';
import {
  decode,
  judgeHalf,
  judgeWhole,
  rowsWithin,
  scale,
  swapHalves,
  type Box,
  type Picture,
} from '../fixtures/pixels.ts';
import { expect, Room, test } from '../fixtures/test.ts';

const HELD_AT = 0.5;
/** Rows around the edge that are not judged, as a share of the height: the edge glows upwards. */
const EDGE = 0.14;

test('a photo held at half shows its upper half to everybody, and all of it once it is let go', async ({
  person,
  server,
  startProxy,
}) => {
  const proxy = await startProxy(server);
  const file = photo();
  const photograph = decode(file.buffer);
  const held = Math.ceil(file.buffer.length * HELD_AT);
  const arrived = await rowsWithin(await person('Decoder'), file.buffer, held);
  const anna = await Room.create(
    await person('Anna', { ownBrowser: true, origin: server.originAt(proxy.port) }),
    'Half a photo',
  );
  const ben = await Room.open(await person('Ben', { ownBrowser: true }), anna.id);
  await ben.mark();
  // Started now, for a browser takes its time; in the room only when half of the photo is there.
  const third = await person('Cleo', { ownBrowser: true });

  proxy.holdUploadsAfter(held);
  await anna.share(file, 'Look while it arrives');
  await expect.poll(() => proxy.forwarded).toBe(held);

  await test.step('B has the post, the reserved frame and the stand-in', async () => {
    await expect(ben.post(1).locator('.post-body')).toHaveText('Look while it arrives');
    await expect(ben.card(file.name).locator('.upload-card__blur')).toBeVisible();
    const frame = await frameOf(ben, file);
    expect(frame.width / frame.height).toBeCloseTo(photograph.width / photograph.height, 1);
    await expect.poll(() => ben.percent(file.name)).toBe(HELD_AT * 100);
  });

  await test.step('the arrived part on B is the photo, the rest is not', () =>
    expectHalf(ben, file, photograph, arrived));

  const cleo = await test.step('who joins now sees the same', async () => {
    const cleo = await Room.open(third, anna.id);
    await expect.poll(() => cleo.percent(file.name)).toBe(HELD_AT * 100);
    await expectHalf(cleo, file, photograph, arrived);
    return cleo;
  });

  await test.step('let go, both show the whole photo without a reload', async () => {
    expect(proxy.forwarded).toBe(held);
    proxy.release();
    for (const room of [ben, cleo]) {
      await room.state(file.name, 'settled');
      await expectWhole(room, file, photograph);
    }
    expect(await ben.isSameDocument()).toBe(true);
  });

  await test.step('the bytes served are the bytes sent', async () => {
    const [path] = proxy.paths;
    const served = await fetchFile(ben, file);
    expect(served.equals(proxy.sent(path ?? ''))).toBe(true);
  });
});

async function frameOf(room: Room, file: MediaFile): Promise<Box> {
  const frame = room.card(file.name).locator('.upload-card__frame');
  await frame.scrollIntoViewIfNeeded();
  const box = await frame.boundingBox();
  if (box === null) throw new Error('no frame');
  return box;
}

/** The frame as it is on the screen, and the photo as it would look there. */
async function shotOf(room: Room, file: MediaFile, photograph: Picture): Promise<[Picture, Picture]> {
  const box = await frameOf(room, file);
  const frame = room.card(file.name).locator('.upload-card__frame');
  const shown = decode(await frame.screenshot({ animations: 'disabled' }));
  // A screenshot begins at the whole pixel before its element.
  const within = { ...box, x: box.x - Math.floor(box.x), y: box.y - Math.floor(box.y) };
  return [shown, scale(photograph, shown.width, shown.height, within)];
}

/** Fails unless the arrived part matches and the rest does not; and would fail with either half swapped. */
async function expectHalf(room: Room, file: MediaFile, photograph: Picture, rows: number): Promise<void> {
  const shownRows = Math.min(rows, HELD_AT) - EDGE;
  const missingRows = Math.max(rows, HELD_AT) + EDGE / 2;
  let last: [Picture, Picture] | undefined;
  await expect
    .poll(
      async () => {
        last = await shotOf(room, file, photograph);
        return judgeHalf(...last, shownRows, missingRows);
      },
      { message: 'the upper half is painted, the lower is not' },
    )
    .toMatchObject({ half: true });
  if (last === undefined) throw new Error('no screenshot');
  const [shown, reference] = last;
  expect(judgeHalf(swapHalves(shown), reference, shownRows, missingRows).half).toBe(false);
  expect(judgeHalf(shown, swapHalves(reference), shownRows, missingRows).half).toBe(false);
}

async function expectWhole(room: Room, file: MediaFile, photograph: Picture): Promise<void> {
  await expect
    .poll(async () => judgeWhole(...(await shotOf(room, file, photograph))))
    .toMatchObject({ whole: true });
}

async function fetchFile(room: Room, file: MediaFile): Promise<Buffer> {
  const src = await room.card(file.name).locator('img.upload-card__picture').getAttribute('src');
  const answer = await room.page.request.get(src ?? '');
  expect(answer.status()).toBe(200);
  return answer.body();
}
