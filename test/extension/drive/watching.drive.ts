import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { screenshot, wear } from './workbench/look.ts';
import type { Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { openProjectWindow } from './workbench/project-window.ts';
import { openSidebar, type Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

// The clean-up goes on until there is a file that no watch looks at.
const config = `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';

export default {
  work: definePipeline([
    shell('long', 'cat src/a && sleep 607', { inputs: ['src'] }),
    shell('tidy', 'until rm node_modules/tidied 2> /dev/null; do sleep 0.05; done', { when: 'always', inputs: ['src'] }),
  ]),
  other: definePipeline([shell('look', 'cat src/a', { inputs: ['src'] })]),
};
`;

describe('a pipeline that reruns on save', () => {
  let workbench: Workbench;
  let workspace: string;
  let pipelines: Tree;
  before(async () => {
    ({ workbench, workspace, pipelines } = await openProjectWindow({ files: { 'treadle.config.ts': config, 'src/a': '0' } }, 'look'));
    await runCommand(workbench.page, 'Treadle: Rerun All Pipelines on Save');
    for (const label of ['work', 'other']) await pipelines.reaches(label, ({ description }) => description.includes('reruns on save'));
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  const save = (text: string): Promise<void> => writeFile(join(workspace, 'src/a'), text);
  const tidied = (): Promise<void> => writeFile(join(workspace, 'node_modules/tidied'), '');
  const runs = (step: string): Promise<unknown> => pipelines.reaches(step, ({ spoken }) => spoken.startsWith(`${step}, running`));
  const work = (): readonly string[] =>
    workbench.processes
      .living()
      .map(({ command }) => command)
      .filter((command) => /sleep 607|tidied/.test(command));

  it('says at once that it cleans up for a save, and what follows', async () => {
    await save('1');
    await runs('long');
    await save('2');
    await pipelines.reaches('work', ({ description }) => /^cleaning up · \d+s · reruns on save$/.test(description));
    await pipelines.reaches('work', ({ spoken }) => spoken.startsWith('work, cleaning up'));
    assert.match(await pipelines.hover('work'), /A file was saved: the run cleans up, and the next one begins then\./);
    await wear(workbench, 'dark');
    await screenshot(workbench, 'cleaning-up-for-a-save');
    await tidied();
    await runs('long');
    await pipelines.reaches('work', ({ spoken }) => spoken.startsWith('work, running'));
  });

  it('does not begin again when it is stopped while it cleans up, but with the next save', async () => {
    await save('3');
    await runs('tidy');
    await pipelines.press('work', /^Stop \(/);
    await until(
      'button that kills',
      () => pipelines.buttons('work'),
      (names) => names.some((name) => name.startsWith('Kill Now')),
    );
    assert.match(await pipelines.hover('work'), /The run was stopped and cleans up/);
    await tidied();
    await pipelines.reaches('work', ({ spoken }) => spoken.startsWith('work, cancelled'));
    await pipelines.press('look', /^Run/);
    await pipelines.reaches('look', ({ spoken }) => spoken.startsWith('look, passed'));
    await pipelines.reaches('work', ({ spoken }) => spoken.startsWith('work, cancelled'));
    assert.deepEqual(work(), []);
    await save('4');
    await runs('long');
  });

  it('leaves nothing that runs when its window is loaded again, and goes on to rerun', async () => {
    const { page } = workbench;
    await page.reload();
    await openSidebar(page, 'Treadle');
    await pipelines.reaches('work', ({ description }) => description === 'reruns on save', 60_000);
    await until(
      'end of what ran',
      async () => work(),
      (left) => left.length === 0,
    );
    await save('5');
    await runs('long');
  });

  it('leaves nothing when its folder is closed', async () => {
    await runCommand(workbench.page, 'Workspaces: Close Workspace');
    await until(
      'end of the engine and of what it ran',
      async () => workbench.processes.living().filter(({ command }) => /sleep 607|tidied|guard|serve --stdio/.test(command)),
      (left) => left.length === 0,
    );
  });
});
