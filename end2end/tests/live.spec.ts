/** A room among several: posts, people, answers, removals, without a reload. */
import { made } from '../fixtures/media.ts';
import { expect, Room, test } from '../fixtures/test.ts';

test('who writes sees the post at once, everybody else a moment later, each once', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Three people');
  const ben = await enter('Ben', anna.id);
  const cleo = await enter('Cleo', anna.id);
  for (const [at, room] of [anna, ben, cleo, ben, anna].entries()) await room.say(`word ${at}.`);
  const wanted = [0, 1, 2, 3, 4].map((at) => `word ${at}.`);
  for (const room of [anna, ben, cleo]) {
    await expect(room.posts).toHaveCount(wanted.length);
    expect(await room.texts()).toEqual(wanted);
  }
  await expect(ben.post(2)).toHaveAttribute('data-own', '');
  await expect(anna.post(2)).not.toHaveAttribute('data-own', '');
  await expect(cleo.post(1).locator('.role')).toHaveText('OP');
});

test('people are counted as they come and go', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Counted');
  const chip = anna.page.locator('.people-chip');
  await expect(chip).toHaveAccessibleName('1 person here');
  const ben = await enter('Ben', anna.id);
  await expect(chip).toHaveAccessibleName('2 people here');
  await ben.page.close();
  // Whoever reloads a page is not gone in between: leaving takes some seconds to count.
  await expect(chip).toHaveAccessibleName('1 person here', { timeout: 25_000 });
});

test('a removed post is gone for everybody, with its file', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Removed');
  const ben = await enter('Ben', anna.id);
  const file = made(320, 200, 9);
  await anna.share(file, 'taken back');
  await ben.state(file.name, 'settled');
  const address = await ben.card(file.name).locator('a.upload-card__open').getAttribute('href');
  await anna.post(1).hover();
  await anna.page.getByRole('button', { name: 'Delete No. 1' }).click();
  await anna.page.getByRole('button', { name: 'Delete post' }).click();
  for (const room of [anna, ben]) {
    await expect(room.post(1)).toContainText('This post was removed');
    await expect(room.page.locator('.feed')).not.toContainText('taken back');
  }
  await expect.poll(async () => (await ben.page.request.get(address ?? '')).status()).toBe(410);
  await expect(ben.page.getByRole('button', { name: 'Delete No. 1' }), 'only one\'s own can be removed').toHaveCount(0);
});

test('quoting a post writes its number', async ({ person }) => {
  const anna = await Room.create(await person('Anna'), 'Quoted');
  await anna.say('first');
  await anna.text.fill('an answer');
  await anna.post(1).hover();
  await anna.page.getByRole('button', { name: 'Quote No. 1' }).click();
  await expect(anna.text).toHaveValue(/>>1/);
  await expect(anna.text).toHaveValue(/an answer/);
});

test('the theme stays as chosen', async ({ person }) => {
  const page = await person('Anna');
  await page.goto('/');
  const theme = page.getByRole('button', { name: /^Theme/ });
  const before = await theme.getAttribute('aria-label');
  await expect(async () => {
    await theme.click();
    await expect(theme).not.toHaveAttribute('aria-label', before ?? '', { timeout: 500 });
  }).toPass();
  const chosen = await theme.getAttribute('aria-label');
  const html = await (await page.request.get('/')).text();
  const attribute = html.match(/<html[^>]*>/)?.[0].match(/data-theme="(\w+)"/)?.[1] ?? 'follows the system';
  expect(`Theme: ${attribute}`, 'the page comes in its colours, before any script').toBe(chosen);
  await page.reload();
  await expect(theme).toHaveAttribute('aria-label', chosen ?? '');
});
