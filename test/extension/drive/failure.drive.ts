import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { makeWorkspace } from '../workspaces.ts';
import { screenshot } from './workbench/look.ts';
import { openWorkbench, type Workbench } from './workbench/open.ts';
import { runCommand } from './workbench/palette.ts';
import { editor, notification, pressInNotification } from './workbench/parts.ts';
import { openSidebar, tree, type Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

const config = `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';

export default definePipeline([
  shell('greet', 'echo hello'),
  step('check', (context) => {
    context.log('looking at the books');
    throw new Error('the books do not balance');
  }),
  shell('never', 'echo never'),
]);
`;

describe('a pipeline that fails', () => {
  let workbench: Workbench;
  let pipelines: Tree;
  before(async () => {
    workbench = await openWorkbench({ workspace: await makeWorkspace({ files: { 'treadle.config.ts': config } }) });
    pipelines = tree(workbench.page, 'Pipelines');
    await openSidebar(workbench.page, 'Treadle');
    await pipelines.reaches('never');
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('is run by a command, and a notification says what failed', async () => {
    await runCommand(workbench.page, 'Treadle: Run Default Pipeline');
    assert.match(await notification(workbench.page, (text) => text.includes('failed')), /failed at check: the books do not balance/);
    await pipelines.becomes('outcome of all steps', (rows) =>
      ['greet, passed', 'check, failed', 'never, '].every((spoken) => rows.some((row) => row.spoken.startsWith(spoken))),
    );
    await screenshot(workbench, 'failure');
  });

  it('shows what the failed step wrote, from the notification', async () => {
    await pressInNotification(workbench.page, 'Show');
    const { text } = await until(
      'output of the step',
      () => editor(workbench.page),
      (open) => open.text.includes('looking at the books'),
    );
    assert.match(text, /the books do not balance/);
    await screenshot(workbench, 'failure-output');
  });

  it('opens the pipeline file where the step is', async () => {
    await pipelines.press('check', 'Go to Source');
    const { text } = await until(
      'pipeline file',
      () => editor(workbench.page),
      ({ title }) => title === 'treadle.config.ts',
    );
    assert.match(text, /step\('check'/);
  });
});
