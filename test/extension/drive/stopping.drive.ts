import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { makeWorkspace } from '../workspaces.ts';
import { narrowSidebar, screenshot, wear } from './workbench/look.ts';
import { openWorkbench, type Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { statusBar } from './workbench/parts.ts';
import { openSidebar, tree, type Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

// A clean-up that would take until the engine gives up on it.
const config = `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';

export default definePipeline([
  shell('work', 'sleep 602'),
  shell('tidy', 'sleep 603', { when: 'always' }),
]);
`;

describe('a run that cleans up after it was stopped', () => {
  let workbench: Workbench;
  let pipelines: Tree;
  before(async () => {
    workbench = await openWorkbench({ workspace: await makeWorkspace({ files: { 'treadle.config.ts': config } }) });
    pipelines = tree(workbench.page, 'Pipelines');
    await openSidebar(workbench.page, 'Treadle');
    await pipelines.reaches('tidy');
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  const runAndStop = async (): Promise<void> => {
    await pipelines.press('default', /^Run/);
    await pipelines.reaches('work', ({ spoken }) => spoken.startsWith('work, running'));
    await pipelines.press('default', /^Stop/);
    await pipelines.reaches('default', ({ description }) => /^cleaning up · \d+s$/.test(description));
  };

  it('says so in its row, above the rows, in the status bar and to those who listen', async () => {
    await runAndStop();
    await pipelines.says(/^default: cleaning up, \d+s$/);
    await pipelines.reaches('default', ({ spoken }) => spoken.startsWith('default, cleaning up'));
    await pipelines.reaches('tidy', ({ spoken }) => spoken.startsWith('tidy, running'));
    await until(
      'clean-up in the status bar',
      () => statusBar(workbench.page),
      (texts) => texts.some((text) => text.includes('cleaning up')),
    );
    for (const theme of ['dark', 'light', 'high-contrast'] as const) {
      await wear(workbench, theme);
      await screenshot(workbench, `cleaning-up-${theme}`);
    }
    await narrowSidebar(workbench.page, async () => {
      await screenshot(workbench, 'cleaning-up-narrow');
      assert.deepEqual(await pipelines.cutLabels(), []);
    });
  });

  it('is killed by the button that has taken the place of Stop', async () => {
    const buttons = await pipelines.buttons('default');
    assert.ok(
      buttons.some((name) => name.startsWith('Kill Now')),
      buttons.join(),
    );
    assert.ok(!buttons.some((name) => name.startsWith('Stop')), buttons.join());
    await pipelines.press('default', 'Kill Now');
    await pipelines.reaches('default', ({ spoken }) => spoken.startsWith('default, cancelled'));
    await pipelines.reaches('tidy', ({ spoken }) => spoken.startsWith('tidy, cancelled'));
  });

  it('is killed by the key that has stopped it, too', async () => {
    await runAndStop();
    await runCommand(workbench.page, 'Treadle: Focus on Pipelines View');
    await pipelines.focusFirst();
    await workbench.page.keyboard.press('ControlOrMeta+Backspace');
    await pipelines.reaches('default', ({ spoken }) => spoken.startsWith('default, cancelled'));
  });

  it('is killed by the button above the rows', async () => {
    await runAndStop();
    await pipelines.pressTitle('Force Stop All Runs');
    await pipelines.reaches('default', ({ spoken }) => spoken.startsWith('default, cancelled'));
  });
});
