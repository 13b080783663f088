import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { editor } from './workbench/parts.ts';
import { openProjectWindow } from './workbench/project-window.ts';
import type { Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

const config = `import { definePipeline, step } from 'treadle';

export default definePipeline([
  step('first', () => {}),
  step('broken', (context) => { context.log('it says'); throw new Error('it broke'); }, { critical: false }),
  step('long', ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve))),
]);
`;

describe('the sidebar without a mouse', () => {
  let workbench: Workbench;
  let pipelines: Tree;
  before(async () => {
    ({ workbench, pipelines } = await openProjectWindow({ files: { 'treadle.config.ts': config } }, 'long'));
    await runCommand(workbench.page, 'Treadle: Focus on Pipelines View');
    await pipelines.focusFirst();
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('runs the step that has the focus, and nothing else', async () => {
    await pipelines.moveFocus('ArrowDown', 'first');
    await pipelines.moveFocus('ArrowDown', 'broken');
    await workbench.page.keyboard.press('Control+Enter');
    await pipelines.reaches('broken', ({ spoken }) => spoken.startsWith('broken, failed'));
    await pipelines.reaches('first', ({ spoken }) => spoken === 'first, not run yet');
    assert.equal((await editor(workbench.page)).title, '');
  });

  it('copies its error', async () => {
    await workbench.page.keyboard.press('Control+c');
    await until(
      'message in the status bar',
      () => workbench.page.locator('.statusbar').innerText(),
      (text) => text.includes('Copied the error.'),
    );
  });

  it('stops the step that has the focus', async () => {
    await pipelines.moveFocus('ArrowDown', 'long');
    await workbench.page.keyboard.press('Control+Enter');
    await pipelines.reaches('long', ({ spoken }) => spoken.startsWith('long, running'));
    await workbench.page.keyboard.press('Control+Backspace');
    await pipelines.reaches('long', ({ spoken }) => spoken.startsWith('long, cancelled'));
  });

  it('goes to its place in the pipeline file', async () => {
    await workbench.page.keyboard.press('Alt+Enter');
    await until(
      'pipeline file',
      () => editor(workbench.page),
      ({ title }) => title === 'treadle.config.ts',
    );
    await until(
      'line of the step',
      () => workbench.page.locator('.statusbar').innerText(),
      (text) => /Ln 6\b/.test(text),
    );
  });

  it('opens its output', async () => {
    await runCommand(workbench.page, 'Treadle: Focus on Pipelines View');
    await pipelines.focused((spoken) => spoken.startsWith('long'));
    await pipelines.moveFocus('ArrowUp', 'broken');
    await workbench.page.keyboard.press('Enter');
    await until(
      'output',
      () => editor(workbench.page),
      ({ text }) => text.includes('it says'),
    );
  });

  it('leaves a pipeline unfolded that it runs, and folds it with Enter, as a click does', async () => {
    const { page } = workbench;
    const becomesFolded = (folded: boolean): Promise<unknown> => pipelines.reaches('default', ({ expanded }) => expanded === !folded);
    await pipelines.moveFocus('ArrowUp', 'first');
    await pipelines.moveFocus('ArrowUp', 'default');
    await page.keyboard.press('Control+Enter');
    await pipelines.reaches('broken', ({ spoken }) => /^broken, (?:queued|running|failed)/.test(spoken));
    await pipelines.reaches('default', ({ spoken, expanded }) => /^default, (?:running|failed)/.test(spoken) && expanded === true);
    await page.keyboard.press('Control+Backspace');
    await pipelines.reaches('default', ({ spoken, expanded }) => /^default, (?:cancelled|failed)/.test(spoken) && expanded === true);
    for (const open of [() => page.keyboard.press('Enter'), () => pipelines.row('default').locator('.label-name').click()]) {
      await open();
      await becomesFolded(true);
      await open();
      await becomesFolded(false);
    }
  });
});
