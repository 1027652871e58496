/** The catalog of rooms, and opening one. */
import { createPost, createRoom } from '../fixtures/api.ts';
import { blob } from '../fixtures/media.ts';
import { expect, Room, test } from '../fixtures/test.ts';

test('a public room stands in the catalog of others, with what is in it', async ({ person }) => {
  const anna = await Room.create(await person('Anna'), 'Autumn up close');
  await anna.say('First leaf of the year');
  const page = await person('Ben');
  await page.goto('/');
  const card = page.locator('.room-card', { hasText: 'Autumn up close' });
  await expect(card).toContainText('1 post');
  await card.getByRole('link', { name: 'Autumn up close' }).click();
  await page.waitForURL(`**/r/${anna.id}`);
  await expect(page.locator('.feed .post')).toContainText('First leaf of the year');
});

test('a room whose posts are files without words names the newest of them', async ({ person }) => {
  const anna = await Room.create(await person('Anna'), 'Parcels');
  const file = blob('parcel.bin', 20_000);
  await anna.share(file);
  await anna.state(file.name, 'settled');
  const page = await person('Ben');
  await page.goto('/');
  const words = page.locator('.room-card', { hasText: 'Parcels' }).locator('.room-card__words');
  await expect(words).toHaveText('parcel.bin');
});

test('a secret room is not listed, has a long name, and opens by it', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Attic inventory', 'secret');
  expect(anna.id).toMatch(/^[0-9A-Za-z]{22}$/);
  await anna.say('Nobody finds this');
  const page = await person('Ben');
  await page.goto('/');
  await expect(page.locator('.catalog')).not.toContainText('Attic inventory');
  const ben = await enter('Cleo', anna.id);
  expect(await ben.texts()).toEqual(['Nobody finds this']);
});

test('the catalog can be searched', async ({ person }) => {
  const page = await person('Anna');
  await page.goto('/');
  await createRoom(page.request, 'Synth repair bench');
  await createRoom(page.request, 'Streets with shade');
  await page.reload();
  const names = page.locator('.room-card__link');
  await expect(names.filter({ hasText: 'Synth repair bench' })).toHaveCount(1);
  await expect(async () => {
    await page.getByLabel('Find a room').fill('SYNTH rep');
    await expect(names).toHaveText(['Synth repair bench'], { timeout: 1_000 });
  }).toPass();
});

test('an unknown room says so, with the right status', async ({ person, silence }) => {
  silence.allow(/Failed to load resource: the server responded with a status of 404/);
  const page = await person('Anna');
  const answer = await page.goto('/r/zzzzzzzz');
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'No such room' })).toBeVisible();
});

test('older posts are loaded on the way up, and the page stays where it is', async ({ person, enter }) => {
  const page = await person('Anna');
  await page.goto('/');
  const id = await createRoom(page.request, 'Long room');
  for (let at = 1; at <= 120; at += 1) await createPost(page.request, id, `line ${at}.`);
  const ben = await enter('Ben', id);
  await expect(ben.post(120)).toBeInViewport();
  await expect(ben.post(1)).toHaveCount(0);
  await expect(async () => {
    await ben.page.locator('.feed').hover();
    await ben.page.mouse.wheel(0, -4_000);
    await expect(ben.post(1)).toBeInViewport({ timeout: 500 });
  }).toPass();
  expect(await ben.texts()).toEqual(Array.from({ length: 120 }, (_, at) => `line ${at + 1}.`));

  await createPost(page.request, id, 'line 121.');
  await expect(ben.page.locator('.new-pill')).toHaveText('1 new post');
  await expect(ben.post(1), 'a new post does not move who reads back').toBeInViewport();
  await expect(ben.page).toHaveTitle(/^\(1\)/);
  await ben.page.locator('.new-pill').click();
  await expect(ben.post(121)).toBeInViewport();
});
