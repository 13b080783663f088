import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { repository } from '../repository.ts';
import { makeWorkspace } from '../workspaces.ts';
import { narrowSidebar, screenshot, wear } from './workbench/look.ts';
import { openWorkbench, type Workbench } from './workbench/open.ts';
import { statusTooltip } from './workbench/parts.ts';
import { openSidebar, tree, type Tree } from './workbench/tree.ts';

// The step `build` goes on until there is a file.
const config = `import { existsSync } from 'node:fs';
import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export default definePipeline([
  shell('lint', 'echo linted'),
  step('build', async (context) => {
    while (!existsSync(context.cwd + '/node_modules/go')) await wait(20);
  }),
  shell('unit', 'echo 60 passed; test -e node_modules/mended'),
]);
`;

describe('a window on a project that has run elsewhere', () => {
  let workbench: Workbench;
  let workspace: string;
  let pipelines: Tree;
  before(async () => {
    workspace = await makeWorkspace({ files: { 'treadle.config.ts': config } });
    for (const name of ['go', 'mended']) await writeFile(inModules(name), '');
    await runInTerminal();
    await rm(inModules('go'));
    await stretch('build', 90_000);
    workbench = await openWorkbench({ workspace });
    pipelines = tree(workbench.page, 'Pipelines');
    await openSidebar(workbench.page, 'Treadle');
    await pipelines.reaches('unit');
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  /** A file that no watch looks at. */
  const inModules = (name: string): string => join(workspace, 'node_modules', name);

  async function runInTerminal(): Promise<void> {
    await promisify(execFile)(process.execPath, [join(repository, 'dist/bin.cjs'), 'run', '--reporter', 'line'], { cwd: workspace });
  }

  /** Makes of the one run that is kept one in which a step took longer: nobody wants to wait for that. */
  async function stretch(step: string, ms: number): Promise<void> {
    const folder = join(workspace, '.treadle/runs');
    const [name = ''] = await readdir(folder);
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n').map((line) => {
      const isIt = line.includes('"type":"step:end"') && line.includes(`"id":"${step}"`);
      return isIt ? line.replace(/"durationMs":[\d.]+/, `"durationMs":${ms}`) : line;
    });
    await writeFile(join(folder, name), lines.join('\n'));
  }

  it('tells in its first run how long that will still take', async () => {
    const { page } = workbench;
    await pipelines.press('default', /^Run/);
    await pipelines.reaches('build', ({ spoken }) => spoken.startsWith('build, running'));
    await pipelines.reaches('default', ({ description }) => /^\d+% · \d+s · ~1m \d\ds left$/.test(description));
    await pipelines.says(/^default: \d+%, ~1m \d\ds left$/);
    assert.match(await statusTooltip(page, /\d+%/), /^Treadle: default: \d+%, ~1m \d\ds left/);
    for (const theme of ['dark', 'light', 'high-contrast'] as const) {
      await wear(workbench, theme);
      await screenshot(workbench, `time-left-${theme}`);
    }
    await narrowSidebar(page, async () => {
      await screenshot(workbench, 'time-left-narrow');
      assert.deepEqual(await pipelines.cutLabels(), []);
    });
  });

  it('compares with how long a step usually took, and then with the run before', async () => {
    await writeFile(inModules('go'), '');
    await pipelines.reaches('build', ({ description }) => /^\d.*s · vs usual −[\dms. ]+s$/.test(description));
    await pipelines.reaches('default', ({ spoken }) => spoken.startsWith('default, passed'));
    assert.match(await pipelines.hover('build'), /\(vs usual −[\dms ]+/);
  });
});
