import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { LiveProcess } from '../../support/processes.ts';
import { fakeTreadle } from '../../support/fake-treadle.ts';
import { repository } from '../repository.ts';
import { makeWorkspace } from '../workspaces.ts';
import { openWorkbench, type Workbench } from './workbench/open.ts';
import { openSidebar, tree, type Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

// A command with a grandchild in a session of its own, a step that never yields, and one that holds up the engine itself.
const stray = `node -e "require('child_process').spawn('sleep', ['605'], { detached: true, stdio: 'ignore' }); setInterval(() => {}, 1000)"`;
const config = `import { spawn } from 'node:child_process';
import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default {
  busy: definePipeline([[
    step('spin', () => { for (;;); }),
    shell('stray', ${JSON.stringify(stray)}),
  ]]),
  stuck: definePipeline([step('stuck', () => {
    spawn('sleep', ['606'], { stdio: 'ignore' });
    for (;;);
  }, { executor: 'inline' })]),
};
`;

/** How long what a dead extension host has left may take to end. */
const endMs = 5000;

describe('a window whose extension host is killed', () => {
  let workbench: Workbench;
  let pipelines: Tree;
  before(async () => {
    const workspace = await makeWorkspace({
      files: {
        'treadle.config.ts': config,
        // An engine that outlives its editor, as none should.
        'survivor/treadle.config.json': JSON.stringify({ steps: ['slow'] }),
        ...inFolder('survivor', fakeTreadle(repository, '1.2.3', 'survives')),
      },
    });
    workbench = await openWorkbench({ workspace });
    pipelines = tree(workbench.page, 'Pipelines');
    await openSidebar(workbench.page, 'Treadle');
    await loaded();
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  const living = (fits: (found: LiveProcess) => boolean): readonly LiveProcess[] => workbench.processes.living().filter(fits);
  const isEngine = ({ command }: LiveProcess): boolean => command.endsWith('serve --stdio');
  const isSurvivor = (found: LiveProcess): boolean => isEngine(found) && found.command.includes('survivor');
  const isOwn = (found: LiveProcess): boolean => !isSurvivor(found) && (isEngine(found) || /sleep 60[56]|guard/.test(found.command));
  /** Extension hosts, as the server starts them. */
  const hosts = (): readonly LiveProcess[] => living(({ command }) => command.includes('--type=extensionHost'));
  const appears = (what: string, fits: (found: LiveProcess) => boolean): Promise<readonly LiveProcess[]> =>
    until(
      what,
      async () => living(fits),
      (found) => found.length > 0,
    );

  /** Kills the extension host in the middle of a run; of a window that was reloaded, the one before, too. */
  function kill(): void {
    const found = hosts();
    assert.ok(found.length > 0, 'there is no extension host');
    for (const { pid } of found) process.kill(pid, 'SIGKILL');
  }
  async function reopen(): Promise<void> {
    await workbench.page.reload();
    await openSidebar(workbench.page, 'Treadle');
    await loaded();
  }
  async function loaded(): Promise<void> {
    for (const label of ['project', 'project/survivor']) {
      await pipelines.reaches(label, ({ expanded }) => expanded !== undefined, 60_000);
      await pipelines.expand(label);
    }
    await pipelines.reaches('stuck');
  }

  it('leaves nothing of a run with grandchildren and a step that never yields', async () => {
    await pipelines.press('busy', /^Run/);
    await appears('grandchild', ({ command }) => command === 'sleep 605');
    await pipelines.reaches('spin', ({ spoken }) => spoken.startsWith('spin, running'));
    kill();
    await until(
      'process that had ended',
      async () => living(isOwn),
      (left) => left.length === 0,
      endMs,
    );
  });

  it('has what outlived it swept by the next window', async () => {
    const old = living(isSurvivor);
    assert.equal(old.length, 1);
    await reopen();
    await until(
      'end of the survivor',
      async () => living(isSurvivor).map(({ pid }) => pid),
      (pids) => !pids.includes(old[0]?.pid ?? 0) && pids.length > 0,
    );
  });

  it('leaves nothing of an engine that a step holds up', async () => {
    await pipelines.press('stuck', /^Run/);
    await appears('child', ({ command }) => command === 'sleep 606');
    kill();
    await until(
      'process that had ended',
      async () => living(isOwn),
      (left) => left.length === 0,
      endMs,
    );
    await reopen();
  });

  it('is closed with its runs, when it is closed', async () => {
    await pipelines.press('busy', /^Run/);
    await appears('grandchild', ({ command }) => command === 'sleep 605');
    // Nothing else would end this one before the next window.
    for (const { pid } of living(isSurvivor)) process.kill(pid, 'SIGKILL');
    // The server and what it started are ended, and looked for, after this test.
  });
});

function inFolder(folder: string, files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}
