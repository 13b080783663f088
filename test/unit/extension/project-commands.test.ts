import assert from 'node:assert/strict';
import { diagnosis } from '../../../extension/src/commands/diagnosis.ts';
import { detectPackageManager } from '../../../extension/src/commands/package-manager.ts';
import { nodeAtLine, nodeOf, targetOf, targetsOf } from '../../../extension/src/commands/targets.ts';
import { groupNode, pipelineNode, stepNode } from '../../support/plans.ts';
import { finished, pipelineOf, project, storeWith } from './imagined.ts';

describe('the package manager of a project', () => {
  const files = (...names: readonly string[]) => ({ files: new Set(names) });

  it('is what the nearest folder says', () => {
    assert.equal(detectPackageManager([files('package.json'), files('pnpm-lock.yaml')]).name, 'pnpm');
    assert.equal(detectPackageManager([files('yarn.lock'), files('package-lock.json')]).name, 'yarn');
    assert.equal(detectPackageManager([{ ...files('package-lock.json'), packageManager: 'bun@1.2.0' }]).name, 'bun');
  });

  it('is npm where nothing says anything that is known', () => {
    assert.equal(detectPackageManager([]).name, 'npm');
    assert.equal(detectPackageManager([{ ...files(), packageManager: 'constructor@1' }]).name, 'npm');
  });
});

describe('what a command works on', () => {
  const at = (line: number) => ({ location: { file: 'treadle.config.ts', line, column: 3 } });
  const plan = finished(pipelineNode([stepNode('a', at(3)), groupNode('g', [stepNode('b', at(5)), stepNode('c', at(6))], at(5))]));
  const store = storeWith(pipelineOf(plan));
  const [record] = store.projects;
  assert.ok(record);
  const nodeAt = (line: number) => nodeAtLine(record, line, store, ({ file }) => file === 'treadle.config.ts')?.id;

  it('is the row of the menu, the selection of the view, or a key', () => {
    const row = { kind: 'node', id: 'n', key: store.nodeKey(project, 'ci', 'a') } as const;
    assert.equal(targetOf(row, []), row);
    assert.equal(targetOf(undefined, [row]), row);
    assert.equal(nodeOf(targetOf(row.key, []), store)?.id, 'a');
  });

  it('is all rows of the menu where several are selected', () => {
    const rows = ['a', 'b'].map((id) => ({ kind: 'node', id, key: store.nodeKey(project, 'ci', id) }) as const);
    assert.deepEqual(targetsOf(rows[0], rows, []), rows);
    assert.deepEqual(targetsOf(rows[0], undefined, rows), [rows[0]]);
    assert.deepEqual(targetsOf(undefined, undefined, rows), rows);
    assert.deepEqual(targetsOf(rows[0], [rows[0], { kind: 'file' }], []), [rows[0]]);
    assert.deepEqual(targetsOf(7, undefined, rows), []);
  });

  it('is nothing when it is handed something else', () => {
    const row = { kind: 'node', id: 'n', key: 'k' } as const;
    for (const argument of [null, 7, {}, { kind: 'file' }, []]) assert.equal(targetOf(argument, [row]), undefined);
  });

  it('is, in an editor, the step that begins at or above the line', () => {
    assert.deepEqual([1, 3, 4, 5, 6, 90].map(nodeAt), [undefined, 'a', 'a', 'b', 'c', 'c']);
    assert.equal(
      nodeAtLine(record, 90, store, () => false),
      undefined,
    );
  });
});

describe('the diagnosis', () => {
  it('names versions, projects and what they lack, and closes no block early', () => {
    const text = diagnosis({
      extensionVersion: '0.1.0',
      editorVersion: '1.101.0',
      protocols: '1',
      hostNode: 'v22.15.1',
      platform: 'linux x64',
      isTrusted: true,
      remote: undefined,
      drawn: { refreshes: 3, rows: 12 },
      projects: [
        {
          ...{
            key: project,
            label: 'shop',
            configFile: project,
            root: '/project',
            state: 'broken' as const,
            pipelines: [],
            plugins: [],
            warnings: [],
          },
          problem: { kind: 'no-node', tried: ['/usr/bin/node'] },
        },
      ],
      settings: { nodePath: '', get: () => undefined },
      logLines: ['[info] ```'],
    });
    assert.match(text, /- Problem: no Node\.js; tried `\/usr\/bin\/node`/);
    assert.match(text, /"nodePath": ""/);
    assert.doesNotMatch(text, /"get"/);
    assert.match(text, /````text\n\[info\] ```\n````/);
  });
});
