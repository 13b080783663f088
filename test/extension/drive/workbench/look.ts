import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../repository.ts';
import type { Workbench } from './open.ts';
import { until } from './until.ts';

/** The themes that everything must be readable in. */
export const themes = {
  light: { name: 'Light Modern', file: 'light_modern' },
  dark: { name: 'Dark Modern', file: 'dark_modern' },
  'high-contrast': { name: 'Default High Contrast', file: 'hc_black' },
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
