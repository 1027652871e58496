/** Video and sound play for others while less than half of the file has been sent. */
import { sound, video, type MediaFile } from '../fixtures/media.ts';
import { expect, Room, test } from '../fixtures/test.ts';

const HELD_AT = 0.45;

for (const kind of ['video', 'audio'] as const) {
  test(`${kind} plays at B before half of it was sent`, async ({ person, enter, server, startProxy }) => {
    const proxy = await startProxy(server);
    const page = await person('Anna', { origin: server.originAt(proxy.port) });
    const anna = await Room.create(page, `Live ${kind}`);
    const ben = await enter('Ben', anna.id);
    const file: MediaFile = kind === 'video' ? await video(page) : sound();
    const limit = Math.floor(file.buffer.length * HELD_AT);

    proxy.holdUploadsAfter(limit);
    await anna.share(file);
    await expect.poll(() => proxy.forwarded).toBe(limit);

    const player = ben.card(file.name).locator(kind);
    await expect(player).toHaveCount(1);
    if (kind === 'audio') await player.evaluate((element: HTMLMediaElement) => element.play());
    const time = () => player.evaluate((element: HTMLMediaElement) => element.currentTime);
    await expect.poll(time, { message: 'it plays' }).toBeGreaterThan(0.5);
    const then = await time();
    expect(proxy.forwarded, 'less than half was sent').toBe(limit);

    proxy.release();
    await ben.state(file.name, 'settled');
    expect(await time(), 'finishing does not start it again').toBeGreaterThanOrEqual(then);
  });
}
