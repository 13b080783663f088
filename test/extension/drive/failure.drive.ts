import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { clearNotifications, picture, screenshot, sidebarRegion, themes, wear, type ThemeName } from './workbench/look.ts';
import type { Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { editor, followLink, notification, pressInNotification } from './workbench/parts.ts';
import { openProjectWindow } from './workbench/project-window.ts';
import { openSidebar, type Row, type Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

const config = `import assert from 'node:assert/strict';
import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';

export default definePipeline([
  [
    shell('greet', 'echo hello'),
    step('types', (context) => {
      const place = { file: 'src/books.ts', line: 2, column: 7, source: 'types' };
      context.diagnostic({ ...place, severity: 'error', message: 'Type string is not a number' });
      throw new Error('1 type is wrong');
    }),
    step('check', async (context) => {
      context.log('looking at the books, src/books.ts:2:7');
      await context.test('are there', () => {});
      await context.test('balance', () => assert.equal(1 + 1, 3, 'the books do not balance'));
    }),
  ],
  shell('never', 'echo never'),
]);
`;
const books = `export const books = [];\nconst count: number = 'none';\n`;
const labels = (rows: readonly Row[]): readonly string[] => rows.map(({ label }) => label);

describe('a pipeline that fails', () => {
  let workbench: Workbench;
  let pipelines: Tree;
  before(async () => {
    const files = { 'treadle.config.ts': config, 'src/books.ts': books };
    ({ workbench, pipelines } = await openProjectWindow({ files }, 'never'));
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('is run by a command, and a notification says what failed', async () => {
    await runCommand(workbench.page, 'Treadle: Run Default Pipeline');
    const text = await notification(workbench.page, (each) => each.includes('failed'));
    assert.match(text, /^default: 2 steps failed\. The first is types: 1 type is wrong$/);
    await pipelines.becomes('outcome of all steps', (rows) =>
      ['greet, passed', 'check, failed', 'never, skipped'].every((spoken) => rows.some((row) => row.spoken.startsWith(spoken))),
    );
    // Short enough for one line of a narrow sidebar.
    await pipelines.says(/^default: 2 failed, [\d.]+m?s$/);
    await workbench.page.locator('.statusbar-item.error-kind', { hasText: '2 failed' }).waitFor();
    await screenshot(workbench, 'failure');
  });

  it('shows what the failed step wrote, from the notification', async () => {
    await pressInNotification(workbench.page, 'Show');
    await until(
      'output of the step',
      () => editor(workbench.page),
      ({ title, text }) => title.startsWith('types') && text.includes('1 type is wrong'),
    );
    await pipelines.row('check').click();
    await until(
      'output of the step',
      () => editor(workbench.page),
      ({ text }) => text.includes('looking at the books') && text.includes('check: failed'),
    );
    await screenshot(workbench, 'failure-output');
  });

  it('opens the file that the output names, at its line', async () => {
    await followLink(workbench.page, 'src/books.ts:2:7');
    await until(
      'file',
      () => editor(workbench.page),
      ({ title, text }) => title === 'books.ts' && text.includes('none'),
    );
    await until(
      'line',
      () => workbench.page.locator('.statusbar').innerText(),
      (text) => text.includes('Ln 2, Col 7'),
    );
  });

  it('lists test cases and problems below their steps, once everything is unfolded', async () => {
    await runCommand(workbench.page, 'Treadle: Expand All');
    const rows = await pipelines.becomes('test cases', (all) => labels(all).includes('balance'));
    assert.ok(labels(rows).includes('Type string is not a number'));
    await clearNotifications(workbench.page);
    for (const theme of Object.keys(themes) as readonly ThemeName[]) {
      await wear(workbench, theme);
      await picture(workbench, `extension/media/walkthrough/fix-${theme}.png`, sidebarRegion(330));
    }
    await wear(workbench, 'light');
    await pipelines.row('Type string is not a number').click();
    await until(
      'place of the problem',
      () => editor(workbench.page),
      ({ title }) => title === 'books.ts',
    );
    await picture(workbench, 'docs/images/failure.png', { x: 0, y: 30, width: 1280, height: 420 });
  });

  it('can be reduced to what failed', async () => {
    await runCommand(workbench.page, 'Treadle: Show Failed Steps Only');
    const failed = await pipelines.becomes('failed steps', (all) => !labels(all).includes('greet'));
    assert.deepEqual(labels(failed), ['default', 'parallel', 'types', 'Type string is not a number', 'check', 'balance']);
    await pipelines.pressTitle('Show All Steps');
    await pipelines.reaches('greet');
  });

  it('opens the pipeline file where the step is, and finds the step from there', async () => {
    const { page } = workbench;
    await pipelines.press('never', 'Go to Source');
    const isOpen = ({ title, text }: { readonly title: string; readonly text: string }): boolean =>
      title === 'treadle.config.ts' && text.includes("shell('never'");
    await until('pipeline file with the step', () => editor(page), isOpen);
    await pipelines.row('greet').click();
    await pipelines.press('never', 'Go to Source');
    await until('pipeline file again', () => editor(page), isOpen);
    await runCommand(page, 'Treadle: Select Step in Pipelines View');
    await until(
      'selected step',
      () => pipelines.row('never').getAttribute('aria-selected'),
      (selected) => selected === 'true',
    );
  });

  it('runs again only what failed, also in a new window', async () => {
    const { page } = workbench;
    await page.reload();
    await openSidebar(page, 'Treadle');
    await pipelines.reaches('check', ({ spoken }) => spoken === 'check, not run yet');
    await runCommand(page, 'Treadle: Rerun Failed Steps');
    await pipelines.reaches('check', ({ spoken }) => spoken.startsWith('check, failed'));
    await pipelines.reaches('greet', ({ spoken }) => spoken === 'greet, not run yet');
  });
});
