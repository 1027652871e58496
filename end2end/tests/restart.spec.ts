/** The server goes and comes back under open pages; nothing that was acknowledged is lost, doubled or moved. */
import { expect, Room, test } from '../fixtures/test.ts';

const POSTS = 24;

for (const how of ['stop', 'kill'] as const) {
  test(`after a ${how} both pages hold every post once, in order, without a reload`, async ({
    person,
    enter,
    startServer,
    silence,
  }) => {
    // What the browser itself writes about a server that is not there.
    silence.allow(/error: (Failed to load resource: net::ERR_|WebSocket connection to .* failed)/);
    const server = await startServer();
    const anna = await Room.create(await person('Anna', { origin: server.origin }), 'Restarted');
    const ben = await enter('Ben', anna.id, { origin: server.origin });
    for (const room of [anna, ben]) await room.mark();

    const posting = (async () => {
      for (let at = 1; at <= POSTS; at += 1) {
        const room = at % 2 === 0 ? anna : ben;
        await room.text.fill(`post ${at}.`);
        await room.send();
        // The post is in the feed at once, sent or waiting; then the next one is written.
        await expect(room.page.locator('.feed .post').filter({ hasText: `post ${at}.` })).toHaveCount(1);
      }
    })();
    await expect(anna.post(POSTS / 4)).toBeVisible();
    await server[how]();
    await expect(anna.page.locator('.sync-chip')).toHaveAttribute('data-state', 'offline');
    await server.up();
    await posting;

    for (const room of [anna, ben]) {
      await room.live();
      await expect(room.posts).toHaveCount(POSTS, { timeout: 40_000 });
      await expect(room.page.locator('.post[data-waiting]')).toHaveCount(0);
    }
    const told = await anna.texts();
    expect(await ben.texts()).toEqual(told);
    const wanted = Array.from({ length: POSTS }, (_, at) => `post ${at + 1}.`);
    expect([...told].sort()).toEqual([...wanted].sort());
    for (const [author, parity] of [['Anna', 0], ['Ben', 1]] as const) {
      const own = (texts: string[]) => texts.filter((text) => Number(text.match(/\d+/)?.[0]) % 2 === parity);
      expect(own(told), `${author}'s posts in the order written`).toEqual(own(wanted));
    }
    const cleo = await enter('Cleo', anna.id, { origin: server.origin });
    expect(await cleo.texts(), 'the store says the same').toEqual(told);
    for (const room of [anna, ben]) expect(await room.isSameDocument()).toBe(true);
  });
}

test('what was written offline survives a reload and goes out once', async ({ person, startServer, silence }) => {
  silence.allow(/error: (Failed to load resource: net::ERR_|WebSocket connection to .* failed)/);
  const server = await startServer();
  const anna = await Room.create(await person('Anna', { origin: server.origin }), 'Outbox');
  await anna.say('before');
  await server.stop();
  await expect(anna.page.locator('.sync-chip')).toHaveAttribute('data-state', 'offline');
  await anna.text.fill('written in a tunnel');
  await anna.send();
  await expect(anna.page.locator('.post[data-waiting]')).toContainText('written in a tunnel');
  await server.up();
  await anna.page.reload();
  await anna.live();
  await expect(anna.posts.filter({ hasText: 'written in a tunnel' })).toHaveCount(1);
  expect(await anna.texts()).toEqual(['before', 'written in a tunnel']);
});
