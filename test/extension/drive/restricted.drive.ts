import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { makeWorkspace } from '../workspaces.ts';
import { screenshot } from './workbench/look.ts';
import { openWorkbench, type Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { openSidebar, tree, type Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

const config = {
  name: 'shop',
  steps: [
    { id: 'build', uses: 'shell', with: { command: 'echo built' } },
    [
      { id: 'lint', uses: 'shell', with: { command: 'echo linted' } },
      { id: 'types', uses: 'shell', with: { command: 'echo typed' } },
    ],
  ],
};

describe('a folder that is not trusted', () => {
  let workspace: string;
  let workbench: Workbench;
  let pipelines: Tree;
  before(async () => {
    workspace = await makeWorkspace({
      files: {
        'treadle.config.json': JSON.stringify(config),
        // Whoever imports it leaves a trace.
        'plugins/trace.js': `import { writeFileSync } from 'node:fs';\nwriteFileSync(new URL('../imported', import.meta.url), '');\nexport default () => {};\n`,
        'more/treadle.config.mjs': `import { writeFileSync } from 'node:fs';\nwriteFileSync(new URL('../imported', import.meta.url), '');\nexport default [];\n`,
      },
    });
    workbench = await openWorkbench({ workspace, trusted: false });
    pipelines = tree(workbench.page, 'Pipelines');
    const { page } = workbench;
    await page.getByText('Restricted Mode').first().waitFor({ timeout: 60_000 });
    await openSidebar(page, 'Treadle');
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  const ours = (): readonly string[] =>
    workbench.processes
      .living()
      .map(({ command }) => command)
      .filter((command) => /serve --stdio|treadle/.test(command.replaceAll(/treadle-(?:code|vscode|workspace)[^ ]*/g, '')));

  it('shows the steps that can be read without running anything, and starts nothing', async () => {
    await pipelines.reaches('types');
    await screenshot(workbench, 'restricted');
    const rows = await pipelines.rows();
    assert.ok(
      ['build', 'lint', 'types'].every((id) => rows.some(({ label }) => label === id)),
      JSON.stringify(rows),
    );
    assert.deepEqual(await pipelines.buttons('build'), []);
    assert.deepEqual(ours(), []);
    assert.ok(!existsSync(join(workspace, 'imported')) && !existsSync(join(workspace, '.treadle')));
  });

  it('runs once it is trusted', async () => {
    const { page } = workbench;
    await runCommand(page, 'Workspaces: Manage Workspace Trust');
    const button = page.getByRole('button', { name: /^Trust/ });
    await button.first().click();
    await page.locator('.workspace-trust-trusted').first().waitFor();
    const dialog = page.locator('.monaco-modal-editor-block');
    await dialog
      .getByRole('button', { name: /^Close/ })
      .first()
      .click();
    await dialog.waitFor({ state: 'hidden' });
    await until(
      'engine',
      async () => ours(),
      (found) => found.length > 0,
      60_000,
    );
    await openSidebar(page, 'Treadle');
    await pipelines.press('build', /^Run/);
    await pipelines.reaches('build', ({ spoken }) => spoken.startsWith('build, passed'));
  });
});
