import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { makeWorkspace } from '../workspaces.ts';
import { screenshot, wear } from './workbench/look.ts';
import { openWorkbench, type Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { editor, notification } from './workbench/parts.ts';
import { openSidebar, tree, type Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

const manifest = {
  name: 'new',
  type: 'module',
  scripts: { lint: 'node -e 0', build: 'node -e 0', test: 'node -e 0' },
  devDependencies: { treadle: '*' },
};

describe('the first steps with Treadle', () => {
  let workbench: Workbench;
  let workspace: string;
  let pipelines: Tree;
  before(async () => {
    workspace = await makeWorkspace({ files: { 'package.json': JSON.stringify(manifest), 'tsconfig.json': '{}' } });
    workbench = await openWorkbench({ workspace });
    pipelines = tree(workbench.page, 'Pipelines');
    await openSidebar(workbench.page, 'Treadle');
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('begin with what the project’s own Treadle writes for the scripts of package.json', async () => {
    const { page } = workbench;
    const welcome = page.locator('.welcome-view-content');
    await welcome.getByRole('button', { name: 'Create a Pipeline File' }).click();
    // The editor has its title before its text.
    await until(
      'pipeline file with the script',
      () => editor(page),
      ({ title, text }) => title === 'treadle.config.ts' && text.includes("shell('lint'"),
    );
    const rows = await pipelines.becomes('steps', (all) => all.some(({ label }) => label === 'test'));
    assert.deepEqual(
      rows.map(({ label }) => label),
      ['default', 'checks', 'lint', 'test', 'build'],
    );
    await screenshot(workbench, 'initialised');
  });

  it('are told by a walkthrough of four steps, with pictures and buttons that work', async () => {
    const { page } = workbench;
    await runCommand(page, 'Welcome: Open Walkthrough...');
    await page.locator('.quick-input-widget [role=option]').filter({ hasText: 'Get Started with Treadle' }).first().click();
    const steps = page.locator('.getting-started-step');
    await until(
      'four steps',
      () => steps.locator('.step-title').allInnerTexts(),
      (titles) => titles.length === 4,
    );
    // Pictures stand beside the steps where there is room.
    await page.keyboard.press('ControlOrMeta+b');
    await steps.filter({ hasText: 'Run them' }).click();
    await until(
      'picture',
      async () => Number(await page.evaluate('document.querySelector(".getting-started-media img")?.naturalWidth ?? 0')),
      (width) => width > 0,
    );
    await page.getByRole('button', { name: 'Run the Pipeline' }).click();
    await steps.filter({ hasText: 'Run them' }).locator('.codicon-getting-started-step-checked').first().waitFor();
    await screenshot(workbench, 'walkthrough');
    await page.keyboard.press('ControlOrMeta+b');
    await pipelines.reaches('default', ({ spoken }) => spoken.startsWith('default, passed'), 60_000);
  });

  it('go on when a mistake in the pipeline file is shown, found and mended', async () => {
    const { page } = workbench;
    const file = join(workspace, 'treadle.config.ts');
    const good = await readFile(file, 'utf8');
    await writeFile(file, good.replace("shell('test'", "shell('lint'"));
    const [problem] = await pipelines.becomes('mistake', ([first]) => first?.spoken.startsWith('error, ') ?? false);
    assert.match(problem?.label ?? '', /The id "lint" is used twice/);
    await screenshot(workbench, 'mistake');
    await pipelines.row(problem?.label ?? '').click();
    await until(
      'place of the mistake',
      () => editor(page),
      ({ title }) => title === 'treadle.config.ts',
    );
    await writeFile(file, good);
    await pipelines.reaches('test');
  });

  it('lead to a plugin of one’s own', async () => {
    const { page } = workbench;
    await runCommand(page, 'Treadle: New Plugin…');
    const box = page.locator('.quick-input-widget input').first();
    await box.fill('Check Links');
    await page.locator('.quick-input-message', { hasText: 'Small letters' }).waitFor();
    await box.fill('check-links');
    await page.keyboard.press('Enter');
    await until(
      'plugin',
      () => editor(page),
      ({ title, text }) => title === 'check-links.ts' && text.includes('definePlugin'),
      60_000,
    );
  });

  it('say what is missing where there is nothing to say a thing about', async () => {
    await runCommand(workbench.page, 'Treadle: Rerun Failed Steps');
    await notification(workbench.page, (text) => text === 'Nothing failed in the last run.');
  });
});

describe('a project without Treadle', () => {
  let workbench: Workbench;
  let workspace: string;
  before(async () => {
    workspace = await makeWorkspace({ files: { 'package.json': '{ "name": "bare" }', 'pnpm-lock.yaml': '' }, treadle: false });
    workbench = await openWorkbench({ workspace });
    await openSidebar(workbench.page, 'Treadle');
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('is told how it is installed, and gets no file until then', async () => {
    const { page } = workbench;
    await page.locator('.welcome-view-content').getByRole('button', { name: 'Create a Pipeline File' }).click();
    const text = await notification(page, (each) => each.includes('not installed'));
    assert.match(text, /pnpm add --save-dev treadle/);
    await page.locator('.notifications-toasts').getByRole('button', { name: 'Install Treadle' }).waitFor();
    for (const theme of ['dark', 'light', 'high-contrast'] as const) {
      await wear(workbench, theme);
      await screenshot(workbench, `not-installed-${theme}`);
    }
    assert.ok(!(await readdir(workspace)).some((name) => name.startsWith('treadle.config')));
  });
});
