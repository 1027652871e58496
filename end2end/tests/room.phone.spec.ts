/** A phone: everything within reach, nothing beyond the edge. */
import { made } from '../fixtures/media.ts';
import { expect, Room, test } from '../fixtures/test.ts';

test('a room is opened, written to and read on a phone', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'On the train');
  const ben = await enter('Ben', anna.id);
  const file = made(640, 400, 8);
  await anna.share(file, 'from the window');
  await ben.state(file.name, 'settled');
  await anna.text.fill('one');
  await anna.text.press('Enter');
  await anna.text.pressSequentially('two');
  await expect(anna.text, 'by finger, Enter breaks the line').toHaveValue('one\ntwo');
  await anna.send();
  await expect(ben.post(2)).toBeInViewport();
  for (const room of [anna, ben]) {
    const beyond = await room.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(beyond, 'nothing stands beyond the edge').toBeLessThanOrEqual(0);
  }
});

test('the list of rooms is a drawer', async ({ person }) => {
  const anna = await Room.create(await person('Anna'), 'Drawer');
  const rail = anna.page.locator('#rail');
  await expect(rail).not.toBeInViewport();
  await anna.page.getByRole('button', { name: 'Rooms' }).tap();
  await expect(rail).toBeInViewport();
  await expect(rail).toContainText('Drawer');
});

test('what is pressed is large enough for a finger', async ({ person }) => {
  const anna = await Room.create(await person('Anna'), 'Fingers');
  const small = await anna.page.locator('.room-header button, .composer button, .composer__attach').evaluateAll((all) =>
    all
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 1)
      .filter((element) => {
        // What is drawn smaller has the room around it.
        const { x, y, width, height } = element.getBoundingClientRect();
        const reach = (dx: number, dy: number) =>
          element.contains(document.elementFromPoint(x + width / 2 + dx, y + height / 2 + dy));
        return !(reach(0, -20) && reach(0, 20) && reach(-20, 0) && reach(20, 0));
      })
      .map((element) => element.getAttribute('aria-label') ?? element.className),
  );
  expect(small).toEqual([]);
});
