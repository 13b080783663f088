import assert from 'node:assert/strict';
import type { SerializedError } from '../../../core/contract/errors.ts';
import { ByOwner } from '../../../extension/src/problems/by-owner.ts';
import { findingsOfProject, findingsOfStep } from '../../../extension/src/problems/findings.ts';
import { lensTexts } from '../../../extension/src/editing/lens-texts.ts';
import { orderOf, readTask } from '../../../extension/src/tasks/definition.ts';
import type { NodeRecord, ProjectRecord } from '../../../extension/src/store/records.ts';
import { pipelineNode, stepNode } from '../../support/plans.ts';
import { finished, pipelineOf, project, storeWith } from './imagined.ts';

const plan = finished(pipelineNode([stepNode('types')]));
const store = storeWith(pipelineOf(plan), { name: 'release', plan, isDefault: false });
const record = (): ProjectRecord => store.project(project) ?? assert.fail();
const types = (changes: Partial<NodeRecord>): NodeRecord => ({
  ...(store.node(store.nodeKey(project, 'ci', 'types')) ?? assert.fail()),
  ...changes,
});
const translate = (text: string): string => text;
const diagnostic = { file: 'src/a.ts', line: 2, column: 3, severity: 'error', message: 'wrong', source: 'tsc' } as const;

describe('problems of a step', () => {
  it('are those of its last run, and stay until the next one knows better', () => {
    assert.deepEqual(findingsOfStep(record(), types({ state: 'failed', diagnostics: [diagnostic] })), [
      { ...diagnostic, file: '/project/src/a.ts' },
    ]);
    for (const state of ['idle', 'queued', 'running', 'skipped', 'cancelled'] as const) {
      assert.equal(findingsOfStep(record(), types({ state, diagnostics: [] })), undefined, state);
    }
    const named = { ...diagnostic, source: 'eslint', code: 'eslint(no-unused-vars)' };
    assert.equal(findingsOfStep(record(), types({ state: 'failed', diagnostics: [named] }))?.[0]?.code, 'no-unused-vars');
    assert.equal(findingsOfStep(record(), types({ state: 'running', diagnostics: [diagnostic] }))?.length, 1);
    assert.deepEqual(findingsOfStep(record(), types({ state: 'passed', diagnostics: [] })), []);
  });

  it('include its error where that has a place and nothing else explains it', () => {
    const error: SerializedError = {
      code: 'E_STEP_FAILED',
      name: 'Error',
      message: 'broke',
      hint: 'mend it',
      location: { file: 'plugins/a.ts', line: 1, column: 1 },
    };
    assert.deepEqual(
      findingsOfStep(record(), types({ state: 'failed', diagnostics: [], error }))?.map(({ file, message }) => [file, message]),
      [['/project/plugins/a.ts', 'broke\nmend it']],
    );
    assert.equal(findingsOfStep(record(), types({ state: 'failed', diagnostics: [diagnostic], error }))?.length, 1);
  });

  it('are left out where they lie outside of the project', () => {
    const outside = ['/etc/passwd', '../secret', '/project-2/a.ts'].map((file) => ({ ...diagnostic, file }));
    assert.deepEqual(findingsOfStep(record(), types({ state: 'failed', diagnostics: outside })), []);
  });

  it('of a pipeline file are at its beginning when they have no place', () => {
    const errors: readonly SerializedError[] = [{ code: 'E_CONFIG_LOAD', name: 'Error', message: 'no' }];
    assert.deepEqual(
      findingsOfProject({ ...record(), problem: { kind: 'config', errors } }).map(({ file, line }) => [file, line]),
      [[project, 1]],
    );
  });

  it('of several owners come together at a file', () => {
    const all = new ByOwner<{ readonly file: string; readonly text: string }>();
    assert.deepEqual(
      all.set('a', [
        { file: 'x', text: '1' },
        { file: 'y', text: '2' },
      ]),
      ['x', 'y'],
    );
    assert.deepEqual(all.set('b', [{ file: 'x', text: '3' }]), ['x']);
    assert.deepEqual(
      all.at('x').map(({ text }) => text),
      ['1', '3'],
    );
    assert.deepEqual(all.set('a', [{ file: 'z', text: '4' }]).toSorted(), ['x', 'y', 'z']);
    assert.deepEqual([all.at('x').length, all.at('y').length, all.owners], [1, 0, ['a', 'b']]);
    all.set('a', []);
    assert.deepEqual(all.owners, ['b']);
  });
});

describe('what stands above a step', () => {
  const titles = (changes: Partial<NodeRecord>, isAlone = true, isDebuggable = true): readonly string[] =>
    lensTexts(types(changes), isDebuggable, isAlone, translate).map(({ title }) => title.replace('\u00a0', ' '));

  it('runs it, stops it while it runs, and tells how it went', () => {
    assert.deepEqual(titles({ state: 'idle' }), ['$(play) Run', '$(debug-alt) Debug']);
    assert.deepEqual(titles({ state: 'idle' }, true, false), ['$(play) Run']);
    assert.deepEqual(titles({ state: 'idle' }, false), ['$(play) Run types', '$(debug-alt) Debug']);
    assert.deepEqual(titles({ state: 'running', percent: 47 }), ['$(debug-stop) Stop', '$(loading~spin) 40%']);
    assert.deepEqual(titles({ state: 'running', percent: 0 }).at(-1), '$(loading~spin) running');
    assert.deepEqual(titles({ state: 'passed', flaky: true, durationMs: 20 }).at(-1), '$(warning) flaky 20ms');
    assert.deepEqual(titles({ state: 'failed', durationMs: 1234 }).at(-1), '$(error) failed 1.2s');
    assert.deepEqual(titles({ state: 'passed', cached: true, durationMs: 2 }).at(-1), '$(archive) cached');
  });
});

describe('a task', () => {
  const paths = ({ key }: ProjectRecord): string | undefined => (key === project ? 'treadle.config.ts' : undefined);

  it('runs what it names, else the default pipeline', () => {
    assert.deepEqual(orderOf(readTask({}), store, paths), { kind: 'order', order: { project, pipeline: 'ci' } });
    assert.deepEqual(orderOf(readTask({ pipeline: 'release', steps: ['types', 3], config: './treadle.config.ts' }), store, paths), {
      kind: 'order',
      order: { project, pipeline: 'release', only: ['types'] },
    });
  });

  it('says what is missing', () => {
    assert.deepEqual(orderOf(readTask({ pipeline: 'nightly' }), store, paths), {
      kind: 'no-pipeline',
      name: 'nightly',
      names: ['ci', 'release'],
    });
    assert.deepEqual(orderOf(readTask({ config: 'a/treadle.config.ts' }), store, paths), {
      kind: 'no-project',
      config: 'a/treadle.config.ts',
    });
    assert.deepEqual(
      orderOf(readTask({}), store, () => undefined),
      { kind: 'no-project', config: undefined },
    );
  });
});
