import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { narrowSidebar, screenshot, wear } from './workbench/look.ts';
import type { Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { statusBar } from './workbench/parts.ts';
import { openProjectWindow } from './workbench/project-window.ts';
import type { Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

// The clean-up goes on until there is a file, or until the engine gives up on it.
const config = `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';

export default definePipeline([
  shell('work', 'sleep 602'),
  shell('tidy', 'until rm node_modules/tidied 2> /dev/null; do sleep 0.05; done', { when: 'always' }),
]);
`;

describe('a run that cleans up after it was stopped', () => {
  let workbench: Workbench;
  let workspace: string;
  let pipelines: Tree;
  before(async () => {
    ({ workbench, workspace, pipelines } = await openProjectWindow({ files: { 'treadle.config.ts': config } }, 'tidy'));
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  const run = async (): Promise<void> => {
    await pipelines.press('default', /^Run/);
    await pipelines.reaches('work', ({ spoken }) => spoken.startsWith('work, running'));
  };
  const runAndStop = async (): Promise<void> => {
    await run();
    await pipelines.press('default', /^Stop/);
    await pipelines.reaches('default', ({ description }) => /^cleaning up · \d+s$/.test(description));
  };

  const ends = async (): Promise<void> => {
    await writeFile(join(workspace, 'node_modules/tidied'), '');
    await pipelines.reaches('default', ({ spoken }) => spoken.startsWith('default, cancelled'));
    await pipelines.reaches('tidy', ({ spoken }) => spoken.startsWith('tidy, passed'));
  };

  const stopTwice = {
    'a double click on Stop': () => pipelines.press('default', /^Stop/, 2),
    'a double click on Stop All Runs': () => pipelines.pressTitle('Stop All Runs', 2),
    'a key that is held down': async () => {
      await runCommand(workbench.page, 'Treadle: Focus on Pipelines View');
      await pipelines.focusFirst();
      for (let times = 0; times < 3; times += 1) await workbench.page.keyboard.press('ControlOrMeta+Backspace');
    },
  };
  for (const [name, stop] of Object.entries(stopTwice)) {
    it(`is not killed by ${name}`, async () => {
      await run();
      await stop();
      await pipelines.reaches('tidy', ({ spoken }) => spoken.startsWith('tidy, running'));
      await ends();
    });
  }

  it('has begun once when Run was double-clicked', async () => {
    const count = async (): Promise<number> =>
      (await readdir(join(workspace, '.treadle/runs'))).filter((name) => name.endsWith('.ndjson')).length;
    const before = await count();
    await pipelines.press('default', /^Run/, 2);
    await pipelines.reaches('work', ({ spoken }) => spoken.startsWith('work, running'));
    await pipelines.press('default', /^Stop/);
    await pipelines.reaches('tidy', ({ spoken }) => spoken.startsWith('tidy, running'));
    assert.equal((await count()) - before, 1);
    await ends();
  });

  const turnsKillable = (): Promise<readonly string[]> =>
    until(
      'button that kills',
      () => pipelines.buttons('default'),
      (names) => names.some((name) => name.startsWith('Kill Now')),
    );

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
    await turnsKillable();
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
    const buttons = await turnsKillable();
    assert.ok(!buttons.some((name) => name.startsWith('Stop')), buttons.join());
    await pipelines.press('default', 'Kill Now');
    await pipelines.reaches('default', ({ spoken }) => spoken.startsWith('default, cancelled'));
    await pipelines.reaches('tidy', ({ spoken }) => spoken.startsWith('tidy, cancelled'));
  });

  it('is killed by the key that has stopped it, too', async () => {
    await runAndStop();
    await turnsKillable();
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
