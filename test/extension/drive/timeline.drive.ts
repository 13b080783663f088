import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { FrameLocator, Page } from 'playwright-core';
import { makeWorkspace } from '../workspaces.ts';
import { screenshot, themes, wear, type ThemeName } from './workbench/look.ts';
import { openWorkbench, type Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { editor } from './workbench/parts.ts';
import { until } from './workbench/until.ts';

const config = `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export default definePipeline([
  shell('install', 'sleep 0.2'),
  [
    step('types', () => wait(700)),
    step('lint', () => wait(400)),
    step('flaky', async ({ step: { attempt } }) => { await wait(200); if (attempt < 3) throw new Error('not yet'); }, { retries: 2 }),
    shell('build', 'sleep 0.6; echo built'),
  ],
  step('broken', async () => { await wait(100); throw new Error('this one fails'); }),
  step('report', () => {}),
]);
`;

const frame = (page: Page): FrameLocator => page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
const bars = (page: Page): Promise<readonly string[]> =>
  frame(page)
    .locator('.bar')
    .evaluateAll((found) => found.map((element) => `${element.getAttribute('aria-label')}`));

describe('the timeline', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await openWorkbench({ workspace: await makeWorkspace({ files: { 'treadle.config.ts': config } }) });
    await workbench.page.locator('.activitybar').getByRole('tab', { name: 'Treadle' }).click();
    await workbench.page.locator('.pane-body [role=treeitem]', { hasText: 'install' }).first().waitFor({ timeout: 60_000 });
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('says so when there is nothing to show yet', async () => {
    await runCommand(workbench.page, 'Treadle: Show Timeline');
    await frame(workbench.page).getByRole('heading', { name: 'No run has begun' }).waitFor();
  });

  it('grows while a run goes on, and ends with a bar for each attempt and group', async () => {
    const { page } = workbench;
    await runCommand(page, 'Treadle: Run Pipeline…');
    const some = await until(
      'running bars',
      () => bars(page),
      (all) => all.some((text) => text.startsWith('types · running')),
    );
    await screenshot(workbench, 'timeline-running');
    assert.ok(!some.some((text) => text.startsWith('report')));
    const all = await until(
      'last bar',
      () => bars(page),
      (found) => found.some((text) => text.startsWith('broken · failed')),
    );
    const begins = (text: string): number => all.filter((each) => each.startsWith(text)).length;
    assert.deepEqual(
      [begins('flaky · retried'), begins('flaky · passed'), begins('install · passed'), begins('parallel · passed')],
      [2, 1, 1, 1],
    );
    assert.ok(
      all.some((text) => /^flaky · retried.*Thread \d/.test(text)),
      all.join('\n'),
    );
    assert.equal(
      await frame(page)
        .locator('#state')
        .textContent()
        .then((text) => text?.split(',')[0]),
      'failed',
    );
  });

  for (const theme of Object.keys(themes) as readonly ThemeName[]) {
    it(`can be read in a ${theme} theme`, async () => {
      await wear(workbench, theme);
      await frame(workbench.page).locator('.bar').first().waitFor();
      await screenshot(workbench, `timeline-${theme}`);
    });
  }

  it('is walked with the arrow keys, and opens the output of a step', async () => {
    const { page } = workbench;
    await frame(page).locator('.bar.step', { hasText: 'build' }).click();
    await page.keyboard.press('ArrowUp');
    await until(
      'focus',
      () => frame(page).locator('#detail').textContent(),
      (text) => text !== null && !text.startsWith('build'),
    );
    await page.keyboard.press('+');
    await page.keyboard.press('0');
    await frame(page).locator('.bar.step', { hasText: 'build' }).click();
    await page.keyboard.press('Enter');
    await until(
      'output',
      () => editor(page),
      ({ text }) => text.includes('built'),
    );
  });
});
