import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { joinFolders, makeWorkspace } from '../workspaces.ts';
import { screenshot } from './workbench/look.ts';
import { openWorkbench, type Workbench } from './workbench/open.ts';
import { openSidebar, tree, type Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

const config = `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';

export default definePipeline([shell('slow', 'sleep 604')]);
`;

describe('a workspace of several folders', () => {
  let workbench: Workbench;
  let shop: string;
  let pipelines: Tree;
  before(async () => {
    shop = await makeWorkspace({ name: 'shop', files: { 'treadle.config.ts': config } });
    const folders = [
      shop,
      await makeWorkspace({ name: 'docs', files: { 'treadle.config.ts': 'export default 5 +;\n' } }),
      await makeWorkspace({ name: 'bare', files: { 'treadle.config.ts': config }, treadle: false }),
      await makeWorkspace({ name: 'empty', files: { 'notes.md': '' } }),
    ];
    workbench = await openWorkbench({ workspace: await joinFolders(folders) });
    pipelines = tree(workbench.page, 'Pipelines');
    await openSidebar(workbench.page, 'Treadle');
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('shows each project unfolded, with what is wrong with it, to those who listen too', async () => {
    const rows = await pipelines.becomes('rows of all projects', (all) =>
      ['slow', 'Unexpected ";"', 'Treadle is not installed here'].every((label) => all.some((row) => row.label === label)),
    );
    assert.deepEqual(
      rows.map(({ label, description, spoken }) => [label, description, spoken]),
      [
        ['bare', '', 'bare, Treadle is not installed here'],
        ['Treadle is not installed here', 'install it', 'error, Treadle is not installed here, install it'],
        ['docs', '', 'docs, The pipeline file could not be loaded'],
        ['Unexpected ";"', 'treadle.config.ts:1', 'error, Unexpected ";", treadle.config.ts:1'],
        ['shop', '', 'shop'],
        ['default', '', 'default, not run yet'],
        ['slow', 'shell', 'slow, not run yet'],
      ],
    );
    await screenshot(workbench, 'roots');
  });

  it('ends what runs of a pipeline file that is deleted, and forgets it', async () => {
    const sleeping = (): boolean => workbench.processes.living().some(({ command }) => command === 'sleep 604');
    await pipelines.press('default', /^Run/);
    await pipelines.reaches('slow', ({ spoken }) => spoken.startsWith('slow, running'));
    await until('process', async () => sleeping(), Boolean);
    await rm(join(shop, 'treadle.config.ts'));
    await pipelines.becomes(
      'rows without the project',
      (rows) => rows.length > 0 && rows.every(({ label }) => label !== 'shop' && label !== 'slow'),
    );
    await until(
      'end of the process',
      async () => sleeping(),
      (alive) => !alive,
    );
  });
});
