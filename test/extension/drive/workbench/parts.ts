import type { Page } from 'playwright-core';
import { until } from './until.ts';

/** Texts of the notifications that are on the screen. */
export function notifications(page: Page): Promise<readonly string[]> {
  return page.locator('.notifications-toasts .notification-list-item-message').allTextContents();
}

/** Waits for a notification, and gives its text. */
export async function notification(page: Page, fits: (text: string) => boolean): Promise<string> {
  const all = await until(
    'notification that fits',
    () => notifications(page),
    (texts) => texts.some(fits),
  );
  return all.find(fits) ?? '';
}

/** Presses a button of a notification. */
export async function pressInNotification(page: Page, button: string): Promise<void> {
  await page.locator('.notifications-toasts').getByRole('button', { name: button }).first().click();
}

/** Follows a link in the open editor, as Ctrl and a click do. */
export async function followLink(page: Page, text: string): Promise<void> {
  const link = page.locator('.editor-group-container.active .detected-link', { hasText: text }).first();
  await link.waitFor();
  await link.click({ modifiers: ['ControlOrMeta'] });
}

/** Texts of the entries of the status bar. */
export function statusBar(page: Page): Promise<readonly string[]> {
  return page.locator('.statusbar .statusbar-item').allInnerTexts();
}

/** Rests the mouse on an entry of the status bar, and gives what it says then. */
export async function statusTooltip(page: Page, text: RegExp): Promise<string> {
  await page.mouse.move(900, 500);
  await page.locator('.workbench-hover').waitFor({ state: 'hidden' });
  await page.locator('.statusbar .statusbar-item', { hasText: text }).first().hover();
  const shown = page.locator('.workbench-hover', { hasText: 'Treadle' });
  await shown.waitFor();
  return (await shown.innerText()).replaceAll('\u00a0', ' ');
}

/** The open editor: its title, and the lines that are on the screen. */
export async function editor(page: Page): Promise<{ readonly title: string; readonly text: string }> {
  const tab = page.locator('.editor-group-container.active .tab.active');
  const title = await tab.evaluateAll(([element]) => element?.getAttribute('data-resource-name') ?? '');
  const lines = await page.locator('.editor-group-container.active .view-line').evaluateAll((elements) =>
    elements
      .map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent ?? '' }))
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text.replaceAll('\u00a0', ' ')),
  );
  return { title, text: lines.join('\n') };
}
