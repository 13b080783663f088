import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Locator, Page } from 'playwright-core';
import { makeWorkspace } from '../workspaces.ts';
import { screenshot } from './workbench/look.ts';
import { openWorkbench, type Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { editor } from './workbench/parts.ts';
import { until } from './workbench/until.ts';

const config = `import assert from 'node:assert/strict';
import { definePipeline, step } from 'treadle';

export default {
  checks: definePipeline([
    [
      step('sums', async (context) => {
        await context.test('adds', () => assert.equal(1 + 1, 2));
        await context.test('subtracts', () => assert.equal(3 - 1, 1));
        context.log('counted twice');
      }),
      step('words', async (context) => {
        await context.test('join', () => assert.equal('a' + 'b', 'ab'));
      }),
    ],
    step('report', () => {}),
  ], { failFast: false }),
  spin: definePipeline([step('spin', async (context) => {
    while (!context.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
  })]),
};
`;

/** What a screen reader says of the rows of the test explorer that are on the screen. */
const rows = (page: Page): Promise<readonly string[]> =>
  page.locator('.test-explorer [role=treeitem]').evaluateAll((elements) =>
    elements
      .map((element) => ({ top: element.getBoundingClientRect().top, spoken: element.getAttribute('aria-label') ?? '' }))
      .sort((a, b) => a.top - b.top)
      .map(({ spoken }) => spoken),
  );

const become = (page: Page, what: string, fits: (spoken: readonly string[]) => boolean): Promise<readonly string[]> =>
  until(what, () => rows(page), fits);

const row = (page: Page, label: string): Locator => page.locator('.test-explorer [role=treeitem]', { hasText: label }).first();

async function press(page: Page, label: string, button: string | RegExp): Promise<void> {
  await row(page, label).hover();
  await row(page, label).getByRole('button', { name: button }).first().click();
}

/** Opens every row, as the arrow keys do. */
async function expandAll(page: Page): Promise<void> {
  for (;;) {
    const closed = page.locator('.test-explorer [role=treeitem][aria-expanded=false]').first();
    if ((await closed.count()) === 0) return;
    const label = (await closed.getAttribute('aria-label')) ?? '';
    await closed.click();
    await page.keyboard.press('ArrowRight');
    await until(
      `"${label}" open`,
      () =>
        page
          .locator('.test-explorer [role=treeitem][aria-expanded=false]')
          .first()
          .getAttribute('aria-label', { timeout: 500 })
          .catch(() => null),
      (first) => first !== label,
    );
  }
}

describe('the test explorer', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await openWorkbench({ workspace: await makeWorkspace({ files: { 'treadle.config.ts': config } }) });
    const tab = workbench.page.locator('.activitybar').getByRole('tab', { name: 'Testing' });
    await tab.waitFor({ timeout: 60_000 });
    await tab.click();
    await become(workbench.page, 'project', (spoken) => spoken.some((text) => text.startsWith('project')));
    await workbench.page.locator('.test-explorer [role=treeitem][aria-expanded]').first().waitFor();
    await expandAll(workbench.page);
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('lists pipelines, groups and steps, in the order of the pipeline file', async () => {
    const spoken = await become(workbench.page, 'steps', (all) => all.some((text) => text.startsWith('report')));
    assert.deepEqual(
      spoken.map((text) => text.split(/[ ,(]/, 1)[0]),
      ['project', 'checks', 'all', 'sums', 'words', 'report', 'spin', 'spin'],
    );
  });

  it('runs a step, shows its test cases, and why one failed', async () => {
    const { page } = workbench;
    await press(page, 'sums', /^Run Test/);
    await become(page, 'failed step', (all) => all.some((text) => text.startsWith('sums (Failed')));
    await page.locator('.test-explorer [role=treeitem][aria-expanded]', { hasText: 'sums' }).first().waitFor();
    await expandAll(page);
    const spoken = await become(page, 'test cases', (all) => all.some((text) => text.startsWith('subtracts')));
    assert.ok(
      spoken.some((text) => text.startsWith('adds (Passed')),
      spoken.join('\n'),
    );
    assert.ok(
      spoken.some((text) => text.startsWith('subtracts (Failed')),
      spoken.join('\n'),
    );
    assert.ok(
      spoken.some((text) => text.startsWith('words (Not yet run')),
      spoken.join('\n'),
    );
    await row(page, 'subtracts').dblclick();
    await until(
      'place of the test',
      () => editor(page),
      ({ title, text }) => title === 'treadle.config.ts' && text.includes("step('sums'"),
    );
    await page.locator('.test-output-peek, .panel', { hasText: 'counted twice' }).first().waitFor();
    // Each with the lines of its file.
    const calls = (): Promise<readonly string[]> => page.locator('.multiCallStackFrame').allInnerTexts();
    await until('calls of the project, and none of Treadle', calls, (all) => {
      const shown = all.join('\n');
      return shown.includes('treadle.config.ts') && !/worker\.js|runTestCase/.test(shown);
    });
    await screenshot(workbench, 'test-explorer');
  });

  it('shows runs that were started elsewhere', async () => {
    const { page } = workbench;
    await runCommand(page, 'Treadle: Rerun Last Run');
    await become(page, 'step again', (all) => all.some((text) => text.startsWith('sums (Failed')));
    await runCommand(page, 'Treadle: Run Pipeline…');
    await page.locator('.quick-input-widget [role=option]').filter({ hasText: 'checks' }).first().click();
    await become(page, 'other steps', (all) =>
      ['words (Passed', 'report (Passed'].every((begin) => all.some((text) => text.startsWith(begin))),
    );
  });

  it('stops what runs', async () => {
    const { page } = workbench;
    await expandAll(page);
    const step = page.locator('.test-explorer [role=treeitem]', { hasText: 'spin' }).last();
    await step.hover();
    await step.getByRole('button', { name: /^Run Test/ }).click();
    // What a screen reader says of it follows later.
    await step.locator('.codicon-testing-loading-icon, .codicon-loading').first().waitFor();
    await runCommand(page, 'Test: Cancel Test Run');
    await become(page, 'stopped step', (all) => all.some((text) => text.startsWith('spin (Skipped')));
  });

  it('goes and comes with its setting', async () => {
    const { page, change } = workbench;
    await change({ 'treadle.testExplorer.enabled': false });
    await become(page, 'empty view', (all) => all.length === 0);
    await change({ 'treadle.testExplorer.enabled': true });
    // The editor hides its whole view while nothing has tests.
    await page.locator('.activitybar').getByRole('tab', { name: 'Testing' }).click();
    await become(page, 'project again', (all) => all.some((text) => text.startsWith('project')));
  });
});
