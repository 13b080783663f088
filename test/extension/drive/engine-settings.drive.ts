import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { screenshot, wear } from './workbench/look.ts';
import type { Workbench } from './workbench/open.ts';
import { notification, notifications, pressInNotification } from './workbench/parts.ts';
import { openProjectWindow } from './workbench/project-window.ts';
import type { Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

const config = `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';

export default definePipeline([shell('short', 'echo done'), shell('long', 'sleep 602')]);
`;

describe('settings of the engine that are changed during a run', () => {
  let workbench: Workbench;
  let pipelines: Tree;
  before(async () => {
    ({ workbench, pipelines } = await openProjectWindow({ files: { 'treadle.config.ts': config } }, 'long'));
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  const engines = (): readonly number[] =>
    workbench.processes
      .living()
      .filter(({ command }) => command.endsWith('serve --stdio'))
      .map(({ pid }) => pid);

  it('are told to take effect later, and the run goes on', async () => {
    await pipelines.press('default', /^Run/);
    await pipelines.reaches('long', ({ spoken }) => spoken.startsWith('long, running'));
    await workbench.change({ 'treadle.nodePath': process.execPath });
    await notification(
      workbench.page,
      (text) => text === 'project: settings of the engine have changed. They take effect when this run has ended: default',
    );
    await pipelines.reaches('long', ({ spoken }) => spoken.startsWith('long, running'));
    for (const theme of ['dark', 'light'] as const) {
      await wear(workbench, theme);
      await screenshot(workbench, `engine-settings-${theme}`);
    }
  });

  it('take effect at once when the person wants it so', async () => {
    const [before, ...others] = engines();
    assert.ok(before !== undefined && others.length === 0);
    await pressInNotification(workbench.page, 'Stop It and Restart');
    await pipelines.reaches('default', ({ spoken }) => spoken.startsWith('default, cancelled'));
    await pipelines.press('short', /^Run/);
    await pipelines.reaches('short', ({ spoken }) => spoken.startsWith('short, passed'));
    assert.ok(!engines().includes(before));
    await until(
      'end of the notifications',
      () => notifications(workbench.page),
      (texts) => texts.length === 0,
    );
  });

  it('do not take a pipeline file away without a word', async () => {
    await pipelines.press('default', /^Run/);
    await pipelines.reaches('long', ({ spoken }) => spoken.startsWith('long, running'));
    await workbench.change({ 'treadle.configGlob': 'elsewhere/*.ts' });
    const text = await notification(workbench.page, (found) => found.startsWith('default was stopped'));
    assert.match(text, /^default was stopped: .*treadle\.config\.ts is no pipeline file of this window any more\.$/);
    await pipelines.becomes('view without rows', (rows) => rows.length === 0);
  });
});
