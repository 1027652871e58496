/** Without script: read a room, page back, post text, open a room. */
import { createPost, createRoom } from '../fixtures/api.ts';
import { expect, test } from '../fixtures/test.ts';

test.beforeEach(({ silence }) => {
  // The page asks for the program ahead; without script nothing uses it.
  silence.allow(/warning: The resource .* was preloaded using link preload but not used/);
});

test('a room is read, paged back and posted to', async ({ person }) => {
  const page = await person('Anna');
  await page.goto('/');
  const id = await createRoom(page.request, 'Plain reading');
  for (let at = 1; at <= 60; at += 1) await createPost(page.request, id, `line ${at}.`);

  await page.goto(`/r/${id}`);
  await expect(page.locator('h1')).toHaveText('Plain reading');
  const texts = page.locator('.feed .post .post-body');
  await expect(texts.last()).toHaveText('line 60.');
  await expect(page.locator('#p60')).toBeInViewport();
  await expect(page.locator('#p1')).toHaveCount(0);

  await page.getByRole('link', { name: 'Older posts' }).click();
  await expect(page.locator('#p1 .post-body')).toHaveText('line 1.');

  await page.goto(`/r/${id}`);
  await page.locator('.composer__text').fill('written without script');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(new RegExp(`/r/${id}`));
  await expect(page.locator('#p61 .post-body')).toHaveText('written without script');
});

test('a room on a phone has a way home', async ({ person }) => {
  const page = await person('Anna', { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } });
  await page.goto('/');
  const id = await createRoom(page.request, 'Far away');
  await page.goto(`/r/${id}`);
  const home = page.getByRole('link', { name: 'Home' });
  await expect(home).toBeInViewport();
  const { width, height } = (await home.boundingBox()) ?? { width: 0, height: 0 };
  expect(Math.min(width, height), 'large enough for a finger').toBeGreaterThanOrEqual(44);
  await home.tap();
  await page.waitForURL((url) => url.pathname === '/');
  await expect(page.getByRole('heading', { name: 'Public rooms' })).toBeVisible();
});

test('a room is opened by the form', async ({ person }) => {
  const page = await person('Anna');
  await page.goto('/');
  await page.getByLabel('Title').fill('Made without script');
  await page.getByRole('button', { name: 'Open room' }).click();
  await page.waitForURL(/\/r\/[^/]+$/);
  await expect(page.locator('h1')).toHaveText('Made without script');
});

test('a refused post says why and loses nothing that was there', async ({ person }) => {
  const page = await person('Anna');
  await page.goto('/');
  const id = await createRoom(page.request, 'Refused without script');
  await createPost(page.request, id, 'stays');
  await page.goto(`/r/${id}`);
  await page.locator('.composer__text').fill('x'.repeat(4_001));
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.locator('.composer__problem')).toContainText('4000');
  await expect(page.locator('.feed .post')).toHaveCount(1);
});
