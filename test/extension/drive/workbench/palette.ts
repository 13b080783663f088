import type { Page } from 'playwright-core';

/** Runs a command by its title, such as `Treadle: Run All`, from the command palette. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  const box = page.locator('.quick-input-widget');
  await box.locator('input').waitFor();
  await box.locator('input').fill(`>${title}`);
  await box.locator('[role=option]').filter({ hasText: title }).first().click();
}

/** Titles that the palette offers for a text. */
export async function offeredCommands(page: Page, text: string): Promise<readonly string[]> {
  await page.keyboard.press('F1');
  const box = page.locator('.quick-input-widget');
  await box.locator('input').fill(`>${text}`);
  await box.locator('[role=option]').first().waitFor();
  const titles = await box.locator('[role=option] .label-name').allTextContents();
  await page.keyboard.press('Escape');
  return titles;
}
