import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { clearNotifications, narrowSidebar, picture, screenshot, sidebarRegion, themes, wear, type ThemeName } from './workbench/look.ts';
import type { Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { statusBar } from './workbench/parts.ts';
import { openProjectWindow } from './workbench/project-window.ts';
import type { Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

// The step `count` goes on until there is a file that no watch looks at.
const config = `import { existsSync } from 'node:fs';
import { any, definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const forever = ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve));

export default {
  states: definePipeline([
    shell('docs', 'cat docs/a.md', { inputs: ['docs/**'] }),
    shell('types', 'cat src/a.ts', { inputs: ['src/**'] }),
    step('count', async (context) => {
      context.updateStepProgress(40, 'two of five');
      while (!existsSync(context.cwd + '/node_modules/go')) await wait(20);
    }, { inputs: ['src/**'] }),
    [
      step('unsteady', ({ step: { attempt } }) => { if (attempt < 2) throw new Error('not yet'); }, { retries: 1, inputs: ['docs/**'] }),
      step('endless', forever, { timeout: '200ms', critical: false }),
      step('left', ({ results }) => { results.colour = 'red'; }, { inputs: [] }),
      step('right', ({ results }) => { results.colour = 'blue'; }, { inputs: [] }),
    ],
    any([step('slow', forever), step('fast', () => {})], { id: 'race', settle: 'first' }),
    step('broken', () => { throw new Error('out of order'); }, { critical: false }),
    step('sundays', () => {}, { when: () => false }),
  ]),
  other: definePipeline([shell('hello', 'echo hello')]),
};
`;

/** The icon of each row, by its codicon. */
const icons: Readonly<Record<string, string>> = {
  docs: 'pass',
  unsteady: 'warning',
  endless: 'watch',
  slow: 'circle-slash',
  broken: 'error',
  sundays: 'debug-step-over',
  hello: 'circle-large-outline',
};

describe('the rows of the Pipelines view', () => {
  let workbench: Workbench;
  let workspace: string;
  let pipelines: Tree;
  const ends = (): Promise<unknown> =>
    pipelines.becomes('end of the run', (rows) =>
      rows.some(({ label, spoken }) => label === 'states' && /^states, (?:passed|failed)/.test(spoken)),
    );
  before(async () => {
    ({ workbench, workspace, pipelines } = await openProjectWindow(
      { files: { 'treadle.config.ts': config, 'src/a.ts': '1', 'docs/a.md': '# A' } },
      'hello',
    ));
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('tell how far a step is, what waits, and how each step ended, by shape and in words', async () => {
    await pipelines.press('states', /^Run/);
    await pipelines.reaches('count', ({ description }) => /^40% · two of five · \ds$/.test(description));
    assert.equal(await pipelines.icon('count'), 'loading');
    assert.equal(await pipelines.icon('sundays'), 'history');
    // What is pointed at can be read for a while, though time passes.
    assert.match(await pipelines.hover('count'), /^count: running, 40%, \d+s\s+two of five/);
    const seconds = async (): Promise<number> =>
      Number(/(\d+)s$/.exec(await workbench.page.locator('.sidebar .message').first().innerText())?.[1]);
    const pointedAt = await seconds();
    await until('later time', seconds, (now) => now >= pointedAt + 2);
    assert.ok(await workbench.page.locator('.workbench-hover', { hasText: 'two of five' }).isVisible());
    await writeFile(join(workspace, 'node_modules/go'), '');
    await ends();
    const shown = await Promise.all(Object.keys(icons).map(async (label) => [label, await pipelines.icon(label)] as const));
    assert.deepEqual(Object.fromEntries(shown), icons);
    await pipelines.reaches('unsteady', ({ description }) => description.startsWith('flaky'));
    await pipelines.reaches('endless', ({ description }) => description.startsWith('timed out'));
    await pipelines.reaches('parallel', ({ description }) => description.endsWith('1 conflict'));
    // What failed is not critical: the pipeline has passed.
    await workbench.page.locator('.statusbar-item.warning-kind', { hasText: '2 failed' }).waitFor();
  });

  it('tell more when the mouse rests on them: errors, conflicts, why a step ran', async () => {
    assert.match(
      await pipelines.hover('parallel'),
      /Conflicts:\s+results\.colour: left, right left different values; that of right was kept/,
    );
    assert.match(await pipelines.hover('broken'), /out of order\s+E_STEP_FAILED/);
  });

  it('of a pipeline that reruns on save show what a save affects, and why the rest did not run', async () => {
    const { page } = workbench;
    await runCommand(page, 'Treadle: Rerun All Pipelines on Save');
    for (const label of ['states', 'other']) await pipelines.reaches(label, ({ description }) => description.includes('reruns on save'));
    await rm(join(workspace, 'node_modules/go'));
    await writeFile(join(workspace, 'src/a.ts'), '2');
    await pipelines.reaches('count', ({ spoken }) => /^count, (?:queued|running)/.test(spoken));
    await writeFile(join(workspace, 'node_modules/go'), '');
    await ends();
    await pipelines.reaches('docs', ({ description }) => description.startsWith('cached'));
    assert.equal(await pipelines.icon('docs'), 'archive');
    assert.match(await pipelines.hover('docs'), /Why it did not run: nothing that it depends on has changed/);
    assert.match(await pipelines.hover('types'), /Why it ran: src\/a\.ts changed/);
    await until(
      'eye in the status bar',
      () => page.locator('.statusbar .codicon-eye').count(),
      (count) => count === 1,
    );
    assert.ok((await statusBar(page)).some((text) => text.includes('failed')));
  });

  for (const theme of Object.keys(themes) as readonly ThemeName[]) {
    it(`can be read in a ${theme} theme, in a narrow sidebar too`, async () => {
      await wear(workbench, theme);
      await clearNotifications(workbench.page);
      await screenshot(workbench, `states-${theme}`);
      await picture(workbench, `extension/media/walkthrough/watch-${theme}.png`, sidebarRegion(460));
      await narrowSidebar(workbench.page, async () => {
        await screenshot(workbench, `states-narrow-${theme}`);
        const cut = await pipelines.cutLabels();
        assert.deepEqual(cut, []);
      });
    });
  }
});
