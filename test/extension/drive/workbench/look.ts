import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { repository } from '../../repository.ts';
import type { Workbench } from './open.ts';
import { until } from './until.ts';

/** The themes that everything must be readable in. */
export const themes = {
  light: { name: 'Light Modern', file: 'light_modern' },
  dark: { name: 'Dark Modern', file: 'dark_modern' },
  'high-contrast': { name: 'Default High Contrast', file: 'hc_black' },
  'high-contrast-light': { name: 'Default High Contrast Light', file: 'hc_light' },
} as const;

export type ThemeName = keyof typeof themes;

/** Where screenshots go: each run writes them anew, git ignores them. */
export const screenshots = join(repository, 'test/extension/screenshots');

/** Changes the theme and waits until it shows. */
export async function wear({ page, change }: Workbench, theme: ThemeName): Promise<void> {
  await change({ 'workbench.colorTheme': themes[theme].name });
  const classes = (): Promise<string> =>
    page
      .locator('.monaco-workbench')
      .first()
      .evaluate(({ className }) => className);
  await until(`theme ${theme}`, classes, (value) => value.includes(`${themes[theme].file}-json`));
}

/** Writes what is on the screen to `NAME.png`. */
export async function screenshot({ page }: Pick<Workbench, 'page'>, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), animations: 'disabled' });
}

/** The variable that makes {@link picture} write the pictures of the documents anew. */
export const picturesVariable = 'TREADLE_PICTURES';

/** A part of the screen. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The sidebar, down to some height. */
export const sidebarRegion = (height: number): Region => ({ x: 48, y: 36, width: 300, height });

/**
 * Takes a picture of a part of the screen, for the documents: written to its place only when that is asked for.
 *
 * @param path - in this repository
 */
export async function picture({ page }: Pick<Workbench, 'page'>, path: string, clip: Region): Promise<void> {
  const isAsked = process.env[picturesVariable] !== undefined;
  const file = isAsked ? join(repository, path) : join(screenshots, basename(path));
  await mkdir(dirname(file), { recursive: true });
  // Away from rows, whose buttons would show.
  await page.mouse.move(900, 700);
  await page.screenshot({ path: file, clip, animations: 'disabled' });
}

/** Closes notifications: they would be in the picture. */
export async function clearNotifications(page: Page): Promise<void> {
  const close = page.locator('.notifications-toasts').getByRole('button', { name: /^Clear Notification/ });
  while ((await close.count()) > 0) {
    await page.locator('.notifications-toasts .notification-toast').first().hover();
    await close.first().click();
  }
}

/** Makes the sidebar as narrow as people do, for a while. */
export async function narrowSidebar(page: Page, look: () => Promise<void>): Promise<void> {
  const drag = async (from: number, to: number): Promise<void> => {
    await page.mouse.move(from, 435);
    await page.mouse.down();
    await page.mouse.move(to, 435, { steps: 3 });
    await page.mouse.up();
    await page.mouse.move(900, 700);
  };
  const edge = async (): Promise<number> => {
    const box = await page.locator('.part.sidebar').boundingBox();
    return (box?.x ?? 0) + (box?.width ?? 0) + 2;
  };
  const before = await edge();
  await drag(before, before - 100);
  await look();
  await drag(await edge(), before);
}
