/** Writing a post: drag and drop, paste, cancel, and what is refused before a byte is sent. */
import type { Locator } from '@playwright/test';
import { blob, made, type MediaFile } from '../fixtures/media.ts';
import { expect, Room, test } from '../fixtures/test.ts';

test('files dropped anywhere join the tray, others see them', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Dropped');
  const ben = await enter('Ben', anna.id);
  const file = made(320, 200, 1);
  const main = anna.page.locator('.app__room');
  await transfer(main, 'dragenter', file);
  await expect(anna.page.locator('.drop-overlay')).toBeVisible();
  await transfer(main, 'drop', file);
  await expect(anna.page.locator('.drop-overlay')).toHaveCount(0);
  await expect(anna.tray).toContainText(file.name);
  await anna.send();
  await ben.state(file.name, 'settled');
});

test('a picture from the clipboard joins the tray, text is pasted as text', async ({ person }) => {
  const anna = await Room.create(await person('Anna'), 'Pasted');
  await transfer(anna.text, 'paste', made(320, 200, 2));
  await expect(anna.tray).toHaveCount(1);
  await expect(anna.text).toHaveValue('');
});

test('several files go with one post, and one can be taken out before', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Several');
  const ben = await enter('Ben', anna.id);
  const [first, second, third] = [made(320, 200, 3), made(200, 320, 4), blob('notes.bin', 5_000)] as const;
  await anna.attach(first, second, third);
  await expect(anna.tray).toHaveCount(3);
  await anna.page.getByRole('button', { name: `Remove ${second.name}` }).click();
  await expect(anna.tray).toHaveCount(2);
  await anna.text.fill('two of three');
  await anna.send();
  await ben.state(first.name, 'settled');
  await ben.state(third.name, 'settled');
  await expect(ben.card(second.name)).toHaveCount(0);
  await expect(ben.posts).toHaveCount(1);
});

test('an upload can be cancelled, others are told', async ({ person, enter, server, startProxy, silence }) => {
  silence.allow(/Failed to load resource: (net::ERR_|the server responded with a status of 410)/);
  const proxy = await startProxy(server);
  const anna = await Room.create(await person('Anna', { origin: server.originAt(proxy.port) }), 'Cancelled');
  const ben = await enter('Ben', anna.id);
  const file = made(800, 500, 5);
  proxy.holdUploadsAfter(Math.ceil(file.buffer.length / 3));
  await anna.share(file);
  await expect.poll(() => ben.percent(file.name)).toBe(33);
  await anna.page.getByRole('button', { name: `Cancel ${file.name}` }).click();
  await expect(ben.page.locator('.attachment-gone')).toContainText('Cancelled by sender');
  await expect(anna.tray).toHaveCount(0);
  proxy.release();
});

test('too many, too large and empty files are refused with the reason', async ({ person, startServer }) => {
  const server = await startServer({ flags: ['--file-mib', '1', '--files-per-post', '2'] });
  const anna = await Room.create(await person('Anna', { origin: server.origin }), 'Refused');
  await anna.attach(blob('big.bin', 1_200_000), blob('empty.bin', 0));
  await expect(anna.tray.filter({ hasText: 'big.bin' })).toContainText(/limit is 1(\.0)? MB/);
  await expect(anna.tray.filter({ hasText: 'empty.bin' })).toContainText('the file is empty');
  await anna.attach(blob('1.bin', 10), blob('2.bin', 10), blob('3.bin', 10));
  await expect(anna.tray.filter({ hasText: '3.bin' })).toContainText('limit is 2 files a post');
});

test('a text too long is kept and told, and not sent', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Long text');
  const ben = await enter('Ben', anna.id);
  await anna.text.fill('x'.repeat(4_012));
  await expect(anna.page.locator('.composer__count')).toHaveText('12 over');
  await anna.send();
  await expect(anna.page.locator('.composer__problem')).toContainText('4000');
  await expect(anna.text).toHaveValue('x'.repeat(4_012));
  await anna.text.fill('x'.repeat(3_963));
  await expect(anna.page.locator('.composer__count')).toHaveText('37 left');
  await anna.send();
  await expect(ben.posts).toHaveCount(1);
});

test('Enter sends, Shift and Enter breaks the line, nothing is not sent', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Keys');
  const ben = await enter('Ben', anna.id);
  await anna.text.press('Enter');
  await expect(anna.page.locator('.composer__problem')).toContainText('Write something or attach a file');
  await anna.text.pressSequentially('one');
  await anna.text.press('Shift+Enter');
  await anna.text.pressSequentially('two');
  await anna.text.press('Enter');
  await expect(ben.post(1).locator('.post-body')).toHaveText(/one\s*two/);
});

test('markup in a text is shown, not obeyed', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), '<b>Bold</b> room');
  const ben = await enter('Ben', anna.id);
  await anna.say('<img src=x onerror=alert(1)><script>alert(2)</script>');
  await expect(ben.post(1).locator('.post-body')).toHaveText('<img src=x onerror=alert(1)><script>alert(2)</script>');
  await expect(ben.post(1).locator('.post-body img, .post-body script')).toHaveCount(0);
  await expect(ben.page.locator('h1')).toHaveText('<b>Bold</b> room');
});

test('a name of one\'s own is shown, and is nobody else\'s', async ({ person, enter, silence }) => {
  silence.allow(/Ben: error: Failed to load resource: the server responded with a status of 409/);
  const anna = await Room.create(await person('Anna'), 'Names');
  const ben = await enter('Ben', anna.id);
  await anna.page.getByLabel('Your name in this room').fill('moth');
  await anna.page.getByLabel('Your name in this room').press('Enter');
  await anna.page.getByLabel('Your name in this room').blur();
  await anna.say('by name');
  await expect(ben.post(1).locator('.post__name')).toHaveText('moth');
  await ben.page.getByLabel('Your name in this room').fill('Moth');
  await ben.page.getByLabel('Your name in this room').blur();
  await expect(ben.page.locator('.composer__name [role=alert]')).toBeVisible();
});

test('active files are offered as downloads and cannot run', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Active files');
  const ben = await enter('Ben', anna.id);
  const files: [string, string, string][] = [
    ['page.html', 'text/html', '<!doctype html><script>alert(1)</script>'],
    ['drawing.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['polyglot.jpg', 'image/jpeg', '<html><script>alert(1)</script></html>'],
  ];
  for (const [name, mimeType, text] of files) {
    await anna.share({ name, mimeType, buffer: Buffer.from(text) });
    await ben.state(name, 'settled');
  }
  await ben.page.reload();
  await ben.live();
  for (const [name] of files) {
    const link = ben.card(name).locator('a[download]');
    const answer = await ben.page.request.get((await link.getAttribute('href')) ?? '');
    const headers = answer.headers();
    expect(headers['content-disposition'], name).toMatch(/^attachment/);
    expect(headers['x-content-type-options'], name).toBe('nosniff');
    expect(headers['content-security-policy'], name).toContain('sandbox');
    expect(headers['content-type'], name).not.toMatch(/html|svg/);
  }
});

test('a strange file name is cleaned and stays a name', async ({ person, enter }) => {
  const anna = await Room.create(await person('Anna'), 'Strange names');
  const ben = await enter('Ben', anna.id);
  const strange = { ...made(64, 48, 6), name: `..\\up/\u202egnp.${'x'.repeat(300)}.jpg` };
  await anna.attach(strange);
  await anna.send();
  const name = ben.post(1).locator('.file-line__name');
  await expect(name).toHaveCount(1);
  const text = (await name.innerText()) ?? '';
  expect(text).not.toMatch(/[\\/\u202e]/);
  expect(text.length).toBeLessThanOrEqual(255);
});

/** Dispatches a drag or paste event that carries a file, as the browser would. */
async function transfer(target: Locator, type: 'dragenter' | 'drop' | 'paste', file: MediaFile): Promise<void> {
  const content = { name: file.name, mimeType: file.mimeType, base64: file.buffer.toString('base64') };
  await target.evaluate(
    (element, { type, content }) => {
      const bytes = Uint8Array.from(atob(content.base64), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], content.name, { type: content.mimeType }));
      const options = { bubbles: true, cancelable: true };
      element.dispatchEvent(
        type === 'paste'
          ? new ClipboardEvent(type, { ...options, clipboardData: data })
          : new DragEvent(type, { ...options, dataTransfer: data }),
      );
    },
    { type, content },
  );
}
