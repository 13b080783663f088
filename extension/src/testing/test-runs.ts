import * as vscode from 'vscode';
import type { TestResult } from '../../../core/contract/events.ts';
import type { NodeKey, NodeRecord, ProjectRecord, RunRecord, StoreChange, StoreView } from '../store/records.ts';
import type { RunControl } from '../store/run-control.ts';
import { systemClock } from '../tree/refresh.ts';
import { createBoundedOutput, type BoundedOutput } from './bounded-output.ts';
import { CaseIds, firstNewTest } from './case-ids.ts';
import type { ChunkedQueue } from './chunked-queue.ts';
import type { TestItems } from './items.ts';
import { caseMessage, nodeMessage } from './messages.ts';

/** A run that the test explorer shows. */
interface ShownRun {
  readonly runId: string;
  readonly project: ProjectRecord;
  readonly run: vscode.TestRun;
  readonly output: BoundedOutput;
  readonly nodes: Map<NodeKey, ShownNode>;
}

/** What was said of a node in a run. */
interface ShownNode {
  state: NodeRecord['state'];
  tests: readonly TestResult[];
  ids: CaseIds;
  /** Items of the present attempt's test cases. */
  cases: Set<vscode.TestItem>;
}

/** What {@link TestRuns} works with. */
export interface TestRunsOptions {
  readonly store: StoreView;
  readonly runs: RunControl;
  readonly items: TestItems;
  readonly queue: ChunkedQueue;
  /** The editor's run for one that begins: one that was asked for in the test explorer, or a new one. */
  readonly open: (record: RunRecord) => vscode.TestRun;
}

/** Tells the test explorer of every run, wherever it was started. */
export class TestRuns {
  private readonly options: TestRunsOptions;
  private readonly shown = new Map<string, ShownRun>();

  constructor(options: TestRunsOptions) {
    this.options = options;
    for (const record of options.store.runs) if (record.state === 'running') this.begin(record);
  }

  /** To be called for every change, after the items are up to date. */
  update({ runs, nodes }: Pick<StoreChange, 'runs' | 'nodes'>): void {
    const { store } = this.options;
    const changed = [...runs].map((runId) => store.run(runId)).filter((record) => record !== undefined);
    for (const record of changed) if (record.state === 'running' && !this.shown.has(record.runId)) this.begin(record);
    for (const key of nodes) {
      const node = store.node(key);
      const shown = node?.runId === undefined ? undefined : this.shown.get(node.runId);
      if (node !== undefined && shown !== undefined) this.showNode(shown, node);
    }
    for (const record of changed) if (record.state !== 'running') this.end(record.runId);
    // A project that was closed takes its runs with it.
    for (const runId of runs) if (store.run(runId) === undefined) this.end(runId);
  }

  output(key: NodeKey, text: string): void {
    const runId = this.options.store.node(key)?.runId;
    if (runId !== undefined) this.shown.get(runId)?.output.add(key, text);
  }

  dispose(): void {
    for (const { run } of this.shown.values()) run.end();
    this.shown.clear();
  }

  private begin(record: RunRecord): void {
    const { store, items, runs } = this.options;
    const project = store.project(record.project);
    if (project === undefined) return;
    const run = this.options.open(record);
    const notice = vscode.l10n.t('[… the complete output is in {0} …]', record.outputFolder);
    const write = (key: NodeKey, text: string): void => run.appendOutput(text, undefined, items.node(key));
    const output = createBoundedOutput(systemClock, write, notice);
    const shown: ShownRun = { runId: record.runId, project, run, output, nodes: new Map() };
    this.shown.set(record.runId, shown);
    run.token.onCancellationRequested(() => void runs.stopRun(record.runId));
    const show = (key: NodeKey): void => {
      const node = store.node(key);
      if (node === undefined) return;
      if (node.runId === record.runId) this.showNode(shown, node);
      node.children.forEach(show);
    };
    const pipeline = project.pipelines.find(({ name }) => name === record.pipeline);
    if (pipeline !== undefined) show(pipeline.node);
  }

  private end(runId: string): void {
    const shown = this.shown.get(runId);
    if (shown === undefined) return;
    // What was written last is told after its end.
    this.options.queue.add(() => {
      this.shown.delete(runId);
      shown.output.flush();
      shown.run.end();
    });
  }

  private showNode(shown: ShownRun, node: NodeRecord): void {
    let seen = shown.nodes.get(node.key);
    if (seen === undefined) {
      seen = { state: 'idle', tests: [], ids: new CaseIds(), cases: new Set() };
      shown.nodes.set(node.key, seen);
    }
    // What waits still has the test cases of its last run.
    if (node.kind === 'step' && node.state !== 'queued') this.showCases(shown, node, seen);
    if (node.state === seen.state) return;
    seen.state = node.state;
    const { cases } = seen;
    this.withItem(node, (item) => {
      if (node.kind === 'step') {
        tellStep(shown, item, node);
        // One that was stopped has not come to all of its test cases.
        if (node.state === 'passed' || node.state === 'failed') this.options.items.keepCases(node.key, cases);
      } else tellBranch(shown, item, node);
    });
  }

  private showCases(shown: ShownRun, node: NodeRecord, seen: ShownNode): void {
    const from = firstNewTest(seen.tests, node.tests);
    if (from === 0) {
      seen.ids = new CaseIds();
      seen.cases = new Set();
    }
    seen.tests = node.tests;
    const { ids, cases } = seen;
    for (const test of node.tests.slice(from)) {
      const id = ids.idOf(test);
      this.options.queue.add(() => {
        const item = this.options.items.testCase(node, shown.project, id, test);
        if (item === undefined) return;
        cases.add(item);
        tellCase(shown, item, test);
      });
    }
  }

  private withItem(node: NodeRecord, tell: (item: vscode.TestItem) => void): void {
    this.options.queue.add(() => {
      const item = this.options.items.node(node.key);
      if (item !== undefined) tell(item);
    });
  }
}

function tellCase({ run, project }: ShownRun, item: vscode.TestItem, test: TestResult): void {
  if (test.status === 'passed') run.passed(item, test.durationMs);
  else if (test.status === 'failed') run.failed(item, caseMessage(project, test), test.durationMs);
  else run.skipped(item);
}

function tellStep({ run, project }: ShownRun, item: vscode.TestItem, node: NodeRecord): void {
  const { state, error, durationMs, location } = node;
  const messages = error === undefined || isToldByTests(node) ? [] : [nodeMessage(project, error, location)];
  if (state === 'queued') run.enqueued(item);
  else if (state === 'running') run.started(item);
  else if (state === 'passed') run.passed(item, durationMs);
  else if (state === 'failed') run.failed(item, messages, durationMs);
  else if (state === 'timed-out') run.errored(item, messages, durationMs);
  else if (state !== 'idle') run.skipped(item);
}

/** A group or pipeline is what its children are; only what they do not tell is told of it. */
function tellBranch({ run, project }: ShownRun, item: vscode.TestItem, node: NodeRecord): void {
  const { state, error, durationMs, location, failedSteps } = node;
  if (error === undefined || (state !== 'failed' && state !== 'timed-out')) return;
  if (failedSteps > 0 && error.code !== 'E_TIMEOUT' && error.code !== 'E_MERGE_CONFLICT') return;
  run.errored(item, nodeMessage(project, error, location), durationMs);
}

function isToldByTests({ error, tests }: NodeRecord): boolean {
  return error?.code === 'E_TESTS_FAILED' && tests.some(({ status }) => status === 'failed');
}
