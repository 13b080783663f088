import * as vscode from 'vscode';
import type { NodeKey, NodeRecord, RunRecord, StoreChange } from '../store/records.ts';
import { formatDuration } from '../tree/durations.ts';
import { firstLine, stateWord } from '../tree/labels.ts';
import type { WorkspaceModel } from '../workspace-model.ts';
import type { TaskOrder } from './definition.ts';

const t = vscode.l10n.t;
const color = { red: '31', green: '32', yellow: '33', dim: '2' } as const;
const marks: Partial<Record<NodeRecord['state'], readonly [mark: string, keyof typeof color]>> = {
  passed: ['✔', 'green'],
  failed: ['✖', 'red'],
  'timed-out': ['✖', 'red'],
  cancelled: ['⊘', 'yellow'],
  skipped: ['↓', 'yellow'],
};

/** The terminal of a task: a line for each step that ends, what failed steps printed, and the exit code that the command line would have. */
export class TaskTerminal implements vscode.Pseudoterminal {
  private readonly model: WorkspaceModel;
  private readonly find: () => TaskOrder;
  private readonly writing = new vscode.EventEmitter<string>();
  private readonly closing = new vscode.EventEmitter<number>();
  private readonly told = new Set<NodeKey>();
  private subscription: { dispose(): void } | undefined;
  private runId: string | undefined;
  private isClosed = false;
  readonly onDidWrite = this.writing.event;
  readonly onDidClose = this.closing.event;

  constructor(model: WorkspaceModel, find: () => TaskOrder) {
    this.model = model;
    this.find = find;
  }

  /** Told by the editor once it listens. */
  open(): void {
    void this.run();
  }

  /** The person ends the task. */
  close(): void {
    this.isClosed = true;
    if (this.runId !== undefined) void this.model.runs.stopRun(this.runId);
    this.subscription?.dispose();
  }

  handleInput(data: string): void {
    if (data === '\u0003' && this.runId !== undefined) void this.model.runs.stopRun(this.runId);
  }

  private async run(): Promise<void> {
    await this.model.ready;
    const found = this.find();
    if (found.kind !== 'order') return this.refuse(found);
    const { order } = found;
    const { store, runs } = this.model;
    const early: StoreChange[] = [];
    // It may have ended before the answer to the order comes.
    this.subscription = store.onDidChange((change) => (this.runId === undefined ? early.push(change) : this.update(change)));
    const started = await runs.run(order);
    if (started === undefined) return this.end(2, t('The run could not be started.'));
    this.runId = started.runId;
    if (this.isClosed) return void runs.stopRun(started.runId);
    this.write(`${paint('dim', `${order.pipeline}${order.only === undefined ? '' : `: ${order.only.join(', ')}`}`)}\n`);
    this.update({ structure: new Set(), nodes: new Set(early.flatMap(({ nodes }) => [...nodes])), runs: new Set([started.runId]) });
  }

  private refuse(problem: Exclude<TaskOrder, { kind: 'order' }>): void {
    if (problem.kind === 'no-project') {
      return this.end(
        2,
        problem.config === undefined ? t('There is no pipeline file in this folder.') : t('There is no pipeline file {0}.', problem.config),
      );
    }
    const { name, names } = problem;
    const which = t('There are: {0}', names.join(', '));
    this.end(
      2,
      `${name === undefined ? t('There are several pipelines, and none of them is the default.') : t('There is no pipeline "{0}".', name)} ${which}`,
    );
  }

  private update({ nodes, runs }: StoreChange): void {
    const { store } = this.model;
    for (const key of nodes) {
      const node = store.node(key);
      if (node?.runId === this.runId && node?.kind === 'step' && marks[node.state] !== undefined && !this.told.has(key)) {
        this.told.add(key);
        this.tell(node);
      }
    }
    const record = this.runId !== undefined && runs.has(this.runId) ? store.run(this.runId) : undefined;
    // What was written last is in the store once this event is over.
    if (record !== undefined && record.state !== 'running') setImmediate(() => this.finish(record));
  }

  private tell(node: NodeRecord): void {
    const [mark, tint] = marks[node.state] ?? ['·', 'dim'];
    const time = node.cached
      ? t('cached')
      : node.durationMs === undefined || node.state === 'skipped'
        ? stateWord(node.state, t)
        : formatDuration(node.durationMs);
    this.write(`${paint(tint, mark)} ${node.id} ${paint('dim', time)}\n`);
    if (node.state !== 'failed' && node.state !== 'timed-out') return;
    // Its last output is told after this event.
    setImmediate(() => {
      const output = this.model.store.output(node.key).trimEnd();
      if (output !== '')
        this.write(
          `${output
            .split('\n')
            .map((line) => `${paint('dim', '│')} ${line}`)
            .join('\n')}\n`,
        );
      if (node.error !== undefined) this.write(`${paint('red', firstLine(node.error.message) ?? node.error.code)}\n`);
    });
  }

  private finish({ state, durationMs, counts }: RunRecord): void {
    const failed = counts === undefined ? 0 : counts.failed + counts.timedOut;
    const word = stateWord(state, t);
    const parts = [
      failed === 0 ? word : `${word}, ${t('{0} failed', failed)}`,
      ...(durationMs === undefined ? [] : [formatDuration(durationMs)]),
    ];
    this.end(state === 'passed' ? 0 : 1, paint(state === 'passed' ? 'green' : 'red', parts.join(' · ')));
  }

  private end(exitCode: number, text: string): void {
    this.subscription?.dispose();
    this.write(`${text}\n`);
    this.closing.fire(exitCode);
  }

  private write(text: string): void {
    this.writing.fire(text.replaceAll(/\r?\n/g, '\r\n'));
  }
}

function paint(tint: keyof typeof color, text: string): string {
  return `\u001B[${color[tint]}m${text}\u001B[0m`;
}
