import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { makeWorkspace } from '../../workspaces.ts';
import { openWorkbench, type Workbench } from '../../drive/workbench/open.ts';
import { notification } from '../../drive/workbench/parts.ts';
import { openSidebar, tree } from '../../drive/workbench/tree.ts';

describe('a row', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await openWorkbench({ workspace: await makeWorkspace({ files: { 'a.txt': 'a\n' }, treadle: false }) });
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('shows what it is, and greets when its button is pressed', async () => {
    const { page } = workbench;
    await openSidebar(page, 'Tiny');
    const things = tree(page, 'Things');
    assert.deepEqual(await things.reaches('two'), {
      label: 'two',
      description: 'a thing',
      spoken: 'two, of two',
      level: 1,
      expanded: undefined,
    });
    assert.deepEqual(await things.buttons('two'), ['Greet']);
    await things.press('two', 'Greet');
    assert.equal(await notification(page, (text) => text.startsWith('Hello')), 'Hello from Tiny');
  });
});
