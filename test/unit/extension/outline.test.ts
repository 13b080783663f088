import assert from 'node:assert/strict';
import { createElementTable } from '../../../extension/src/tree/elements.ts';
import type { TreeElement } from '../../../extension/src/tree/elements.ts';
import { beginsUnfolded } from '../../../extension/src/tree/folding.ts';
import { createOutline, viewState } from '../../../extension/src/tree/outline.ts';
import type { Store } from '../../../extension/src/store/store.ts';
import { createStore } from '../../../extension/src/store/create-store.ts';
import { groupNode, pipelineNode, stepNode } from '../../support/plans.ts';
import { byPerson, finished, pipelineOf, project, started, storeWith } from './imagined.ts';

const plan = finished(pipelineNode([stepNode('install'), groupNode('checks', [stepNode('types'), stepNode('lint')])]));
const error = { code: 'E_CONFIG_LOAD', name: 'Error', message: 'Unexpected token' } as const;

function outlineOf(store: Store, failedOnly = false) {
  const elements = createElementTable();
  const outline = createOutline(store, elements, () => failedOnly);
  const lines: string[] = [];
  const walk = (element: TreeElement, depth: number): void => {
    const subject =
      element.kind === 'node'
        ? (store.node(element.key)?.id ?? '')
        : 'index' in element
          ? `${element.kind} ${element.index}`
          : element.kind;
    lines.push('  '.repeat(depth) + (element.kind === 'project' ? element.key : subject));
    for (const child of outline.children(element)) {
      assert.equal(outline.parent(child), element);
      walk(child, depth + 1);
    }
  };
  for (const element of outline.children()) {
    assert.equal(outline.parent(element), undefined);
    walk(element, 0);
  }
  return lines;
}

/** A run in which types failed with one test case of two and one finding. */
function withFailure(): Store {
  const store = storeWith(pipelineOf(plan));
  store.beginRun(project, started('r', plan), byPerson);
  const stamp = { v: 1, seq: 0, ts: 0, runId: 'r' } as const;
  const test = { ...stamp, type: 'step:test', id: 'types', path: [], durationMs: 1 } as const;
  store.applyBatch({
    runId: 'r',
    events: [
      { ...stamp, type: 'step:start', id: 'types', attempt: 1, executor: 'inline' },
      { ...test, name: 'good', status: 'passed' },
      { ...test, name: 'bad', status: 'failed', error: { message: 'no' } },
      {
        ...stamp,
        type: 'step:diagnostic',
        id: 'types',
        file: 'a.ts',
        line: 1,
        column: 1,
        severity: 'error',
        message: 'wrong',
        source: 'tsc',
      },
      {
        ...stamp,
        type: 'step:end',
        id: 'types',
        status: 'failed',
        durationMs: 5,
        attempts: 1,
        flaky: false,
        cached: false,
        overall: 30,
        error,
      },
    ],
  });
  return store;
}

describe('the rows of the Pipelines view', () => {
  it('are the nodes of each pipeline, with the test cases and findings of steps', () => {
    assert.deepEqual(outlineOf(withFailure()), [
      'ci',
      '  install',
      '  checks',
      '    types',
      '      diagnostic 0',
      '      test 0',
      '      test 1',
      '    lint',
    ]);
  });

  it('can be limited to what failed', () => {
    assert.deepEqual(outlineOf(withFailure(), true), ['ci', '  checks', '    types', '      diagnostic 0', '      test 1']);
    assert.deepEqual(outlineOf(storeWith(pipelineOf(plan)), true), []);
  });

  it('name the projects where there are several', () => {
    const store = storeWith(pipelineOf(plan));
    store.setProject({
      key: '/other/treadle.config.ts',
      label: 'other',
      configFile: '/other/treadle.config.ts',
      root: '/other',
      state: 'loading',
    });
    assert.deepEqual(
      outlineOf(store).filter((line) => !line.startsWith('  ')),
      ['/other/treadle.config.ts', project],
    );
  });

  it('are bounded in each step', () => {
    const store = storeWith(pipelineOf(plan));
    store.beginRun(project, started('r', plan), byPerson);
    const stamp = { v: 1, seq: 0, ts: 0, runId: 'r', id: 'types' } as const;
    store.applyBatch({
      runId: 'r',
      events: [
        { ...stamp, type: 'step:start', attempt: 1, executor: 'inline' },
        ...Array.from({ length: 250 }, (_, index) => ({
          ...{ ...stamp, type: 'step:test' as const, name: `case ${index}`, path: [], status: 'passed' as const, durationMs: 1 },
        })),
      ],
    });
    const elements = createElementTable();
    const rows = createOutline(store, elements, () => false).children(elements.node(store.nodeKey(project, 'ci', 'types')));
    assert.equal(rows.length, 201);
    const last = rows.at(-1);
    assert.ok(last?.kind === 'more' && last.count === 50);
  });

  it('are the same objects each time, as long as nothing was cleared', () => {
    const store = storeWith(pipelineOf(plan));
    const elements = createElementTable();
    const outline = createOutline(store, elements, () => false);
    assert.equal(outline.children()[0], outline.children()[0]);
    const { id } = outline.children()[0] ?? {};
    elements.clear();
    assert.equal(outline.children()[0]?.id, id);
  });
});

describe('the nodes of the Pipelines view', () => {
  const steps = (count: number) => Array.from({ length: count }, (_, index) => stepNode(`step ${index}`));
  const children = (count: number) => ({ kind: 'group' as const, children: steps(count).map(({ id }) => id) });

  it('begin unfolded where that does not mean hundreds of rows', () => {
    const small = pipelineNode([groupNode('g', steps(3))]);
    assert.equal(beginsUnfolded(children(3), small), true);
    assert.equal(beginsUnfolded(children(201), small), false);
    assert.equal(beginsUnfolded({ kind: 'step', children: [] }, small), false);
    const large = pipelineNode(steps(600));
    assert.equal(beginsUnfolded(children(3), large), false);
    assert.equal(beginsUnfolded({ kind: 'pipeline', children: ['g'] }, large), true);
  });
});

describe('what the Pipelines view says in place of rows', () => {
  const facts = { key: project, label: 'p', configFile: project, root: '/project' };

  it('follows what is missing', () => {
    const store = createStore();
    assert.equal(viewState(store, true), 'loading');
    assert.equal(viewState(store, false), 'none');
    store.setProject({ ...facts, state: 'loading' });
    assert.equal(viewState(store, false), 'loading');
    store.setProblem(project, { kind: 'no-treadle' });
    assert.equal(viewState(store, false), 'no-treadle');
    assert.deepEqual(outlineOf(store), []);
    store.setPipelines(project, { root: '/project', pipelines: [pipelineOf(plan)], plugins: [], problems: [] });
    assert.equal(viewState(store, false), 'ready');
  });

  it('is nothing where a pipeline file has errors: they are listed', () => {
    const store = createStore();
    store.setProject({ ...facts, state: 'loading' });
    store.setProblem(project, { kind: 'config', errors: [error, error] });
    assert.equal(viewState(store, false), 'ready');
    assert.deepEqual(outlineOf(store), ['problem 0', 'problem 1']);
  });

  it('is nothing where projects lack different things, or one of them lacks nothing', () => {
    const store = createStore();
    store.setProject({ ...facts, state: 'loading' });
    store.setProject({ ...facts, key: '/other', label: 'other', state: 'loading' });
    store.setProblem(project, { kind: 'no-treadle' });
    store.setProblem('/other', { kind: 'no-node', tried: [] });
    assert.equal(viewState(store, false), 'ready');
    assert.deepEqual(outlineOf(store), ['/other', '  problem 0', project, '  problem 0']);
    store.setProblem('/other', { kind: 'no-treadle' });
    assert.equal(viewState(store, false), 'no-treadle');
  });
});
