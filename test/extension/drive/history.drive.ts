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
import { runCommand } from './workbench/palette.ts';
import { editor, statusTooltip } from './workbench/parts.ts';
import { openSidebar, tree, type Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

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

/** Runs the pipeline as people do in a terminal, to its end, however that is. */
async function runInTerminal(cwd: string, CI = ''): Promise<void> {
  const env = { ...process.env, CI };
  await promisify(execFile)(process.execPath, [join(repository, 'dist/bin.cjs'), 'run', '--reporter', 'line'], { cwd, env }).catch(
    () => undefined,
  );
}

describe('a window on a project that has run elsewhere', () => {
  let workbench: Workbench;
  let workspace: string;
  let pipelines: Tree;
  before(async () => {
    workspace = await makeWorkspace({ files: { 'treadle.config.ts': config } });
    for (const name of ['go', 'mended']) await writeFile(inModules(name), '');
    await runInTerminal(workspace);
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

const shop = `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';

export default definePipeline([
  [shell('lint', 'echo linted'), shell('types', 'printf "\\\\033[32mtyped\\\\033[0m\\\\n"')],
  step('unit', async (context) => {
    await context.test('adds', () => {});
    await context.test('subtracts', () => { throw new Error('off by one'); });
    throw new Error('two tests failed');
  }, { retries: 1, backoff: 0 }),
  shell('report', 'echo never'),
]);
`;

describe('the runs of a project', () => {
  let workbench: Workbench;
  let workspace: string;
  let runs: Tree;
  const day = 24 * 3600 * 1000;
  const failedInTerminal = /^\d\d:\d\d · [\d.]+m?s · 1 failed, 2 passed/;
  const runFiles = async (): Promise<readonly string[]> => {
    const folder = join(workspace, '.treadle/runs');
    return (await readdir(folder)).filter((name) => name.endsWith('.ndjson')).map((name) => join(folder, name));
  };

  before(async () => {
    workspace = await makeWorkspace({ files: { 'treadle.config.ts': shop } });
    await runInTerminal(workspace, 'true');
    await killedLongAgo();
    await runInTerminal(workspace);
    workbench = await openWorkbench({ workspace });
    await openSidebar(workbench.page, 'Treadle');
    await tree(workbench.page, 'Pipelines').reaches('unit');
    // In place of the pipelines: rows that do not fit are not there.
    for (const view of ['Runs', 'Pipelines']) await workbench.page.locator('.sidebar .pane-header', { hasText: view }).click();
    runs = tree(workbench.page, 'Runs');
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  /** Makes of the one run that is kept one of two days ago, of another version of the pipeline, whose process was killed at its last step. */
  async function killedLongAgo(): Promise<void> {
    const [file = ''] = await runFiles();
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const end = lines.findLastIndex((line) => line.includes('"type":"step:start"') && line.includes('"id":"unit"'));
    const old = lines
      .slice(0, end + 1)
      .map((line) => line.replace(/"ts":(\d+)/, (_, ts) => `"ts":${Number(ts) - 2 * day}`).replaceAll('"lint"', '"style"'));
    await writeFile(file.replace(/\d{8}T/, '20260102T'), `${old.join('\n')}\n`);
    await rm(file);
  }

  it('are there when the window opens, each with its day, its time and its end', async () => {
    const [last, first] = await runs.becomes('two runs', (rows) => rows.length === 2);
    assert.match(last?.description ?? '', failedInTerminal);
    assert.match(first?.description ?? '', /^\w{3} \d+, \d\d:\d\d · [\d.]+m?s · interrupted, 2 passed · in CI$/);
    assert.match(first?.spoken ?? '', /^default, interrupted, /);
    assert.deepEqual(await runs.buttons('default'), []);
    assert.match(
      await runs.hover('default'),
      /Started at the command line\s+Of the command line, or of another window: kept in \.treadle\/runs/,
    );
  });

  it('unfold to their steps, whose output is shown with why they failed', async () => {
    const { page } = workbench;
    await runs.expand('default');
    const unit = await runs.reaches('unit');
    assert.match(unit.description, /^failed · [\d.]+m?s · attempt 2 · 1 of 2 test cases failed$/);
    await runs.row('unit').click();
    await until(
      'output with the error',
      () => editor(page),
      ({ title, text }) => title.includes('unit') && text.includes('two tests failed') && text.includes('unit: failed'),
    );
    await runs.row('types').click();
    await until(
      'output without escapes',
      () => editor(page),
      ({ title, text }) => title.includes('types') && text.startsWith('typed\n\n── types: passed'),
    );
    await runs.expand('unit');
    await runs.reaches('subtracts', ({ spoken }) => spoken === 'subtracts, failed');
    await runs.reaches('adds', ({ description }) => /^[\d.]+m?s$/.test(description));
    assert.match(await runs.hover('subtracts'), /off by one/);
    await runs.row('subtracts').click();
    await until(
      'place of the test case',
      () => editor(page),
      ({ title }) => title === 'treadle.config.ts',
    );
    // Steps that the pipeline no longer has.
    await page.locator('.sidebar [role=treeitem]', { hasText: 'interrupted, 2 passed' }).locator('.monaco-tl-twistie').click();
    await runs.reaches('style', ({ description }) => /^[\d.]+m?s$/.test(description));
    await runs.reaches('unit', ({ spoken }) => spoken.startsWith('unit, interrupted'));
    for (const theme of ['dark', 'light', 'high-contrast'] as const) {
      await wear(workbench, theme);
      await screenshot(workbench, `kept-runs-${theme}`);
    }
  });

  it('are drawn over time', async () => {
    const { page } = workbench;
    await runs.choose('default', 'Show Timeline');
    const frame = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    const bars = (): Promise<readonly string[]> =>
      frame.locator('.bar').evaluateAll((found) => found.map((element) => `${element.getAttribute('aria-label')}`));
    await until('bars of the run', bars, (all) =>
      ['unit · retried', 'unit · failed', 'parallel · passed', 'types · passed'].every((text) => all.some((bar) => bar.startsWith(text))),
    );
    await screenshot(workbench, 'kept-timeline');
    await frame.locator('.bar.step', { hasText: 'lint' }).click();
    await page.keyboard.press('Enter');
    await until(
      'output',
      () => editor(page),
      ({ title, text }) => title.includes('lint') && text.startsWith('linted'),
    );
  });

  it('of this window are there once', async () => {
    await runCommand(workbench.page, 'Treadle: Run Pipeline…');
    const rows = await runs.becomes(
      'third run',
      (all) => all.filter(({ label, spoken }) => label === 'default' && !spoken.includes('running')).length === 3,
    );
    assert.match(rows[0]?.description ?? '', failedInTerminal);
    assert.match((await runs.buttons('default')).join(), /^Run Again/);
  });

  it('come while a terminal makes them, and go with their files', async () => {
    const count = (rows: readonly { readonly label: string }[]): number => rows.filter(({ label }) => label === 'default').length;
    await runInTerminal(workspace);
    await runs.becomes('fourth run', (rows) => count(rows) === 4);
    for (const file of await runFiles()) await rm(file);
    // That of this window is in its memory.
    const [left] = await runs.becomes('one run', (rows) => count(rows) === 1);
    assert.match(left?.description ?? '', failedInTerminal);
    // What was opened stays; what is opened now says so.
    await workbench.page.locator('.tab', { hasText: 'lint' }).first().click();
    await until(
      'message',
      () => editor(workbench.page),
      ({ text }) => text.includes('This run is no longer kept.'),
    );
    await screenshot(workbench, 'kept-gone');
  });
});
