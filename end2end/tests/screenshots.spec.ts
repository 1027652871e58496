/**
 * Pictures of the pages for people to look at: end2end/artefacts, at three widths, light and dark. With
 * STREAMBOARD_README_PICTURE set, the one of the README is made anew, from pictures of the suite's own making.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blob, made } from '../fixtures/media.ts';
import { expect, Room, test } from '../fixtures/test.ts';

const ARTEFACTS = join(dirname(fileURLToPath(import.meta.url)), '../artefacts');
const README_PICTURE = resolve(ARTEFACTS, '../../docs/screenshot.png');
const WIDTHS = [1440, 1024, 390];

test('the pages at every width, light and dark', async ({ person, enter, server, startProxy }) => {
  mkdirSync(ARTEFACTS, { recursive: true });
  const proxy = await startProxy(server);
  const anna = await Room.create(await person('Anna', { origin: server.originAt(proxy.port) }), 'Field notes');
  const ben = await enter('Ben', anna.id);
  await anna.say('Post what you saw outside today. You can watch while it goes up.');
  await ben.share(made(1280, 800, 11, 'ridge-at-noon.jpg'), 'The far ridge, an hour ago.');
  await ben.state('ridge-at-noon.jpg', 'settled');
  await ben.share(blob('track.gpx', 240_000), '>>1 And the way there.');
  await ben.state('track.gpx', 'settled');
  const arriving = made(1600, 1000, 12, 'valley.jpg');
  proxy.holdUploadsAfter(Math.ceil(arriving.buffer.length * 0.5));
  await anna.share(arriving, '>>2 From the other side, just now.');
  await expect.poll(() => ben.percent(arriving.name)).toBe(50);

  const cleo = await enter('Cleo', anna.id);
  const home = await person('Dora');
  await home.goto('/');
  await expect(home.locator('.room-card').first()).toBeVisible();
  await expect(cleo.card(arriving.name).locator('img.upload-card__picture')).toBeVisible();
  await expect(cleo.card('ridge-at-noon.jpg').locator('img').last()).toHaveJSProperty('complete', true);
  for (const width of WIDTHS) {
    for (const colorScheme of ['dark', 'light'] as const) {
      for (const [name, page] of Object.entries({ room: cleo.page, home })) {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
        await page.emulateMedia({ colorScheme });
        // A few more bytes, so that it is seen arriving rather than waiting for its sender.
        proxy.holdUploadsAfter(2_000);
        await cleo.state(arriving.name, 'sending');
        const path = join(ARTEFACTS, `${name}-${width}-${colorScheme}.png`);
        await page.screenshot({ path, animations: 'disabled' });
      }
      if (width === WIDTHS[0] && colorScheme === 'light' && process.env.STREAMBOARD_README_PICTURE !== undefined) {
        await cleo.page.screenshot({ path: README_PICTURE, animations: 'disabled' });
      }
    }
  }
  proxy.release();
  await cleo.state(arriving.name, 'settled');
});
