import type { SerializedError } from '../contract/errors.ts';
import type { Conflict, Diagnostic, EventStamp, RunEvent, RunEventOf, TestResult } from '../contract/events.ts';
import type { Plan, PlanNode } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import { BoundedText } from './bounded-text.ts';

/** How a node stands: before, during and after its work. */
export type NodeState = 'pending' | 'running' | Status;

/** An attempt that was followed by another. */
export interface FailedAttempt {
  readonly attempt: number;
  readonly error: SerializedError;
  /** Unix times in milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly thread?: number;
}

/** What the events said of one node. */
export interface NodeView {
  readonly node: PlanNode;
  readonly depth: number;
  /** Ids of the groups and sequences above, outermost first. */
  readonly path: readonly string[];
  state: NodeState;
  percent: number | undefined;
  message: string | undefined;
  /** Unix time in milliseconds. */
  startedAt: number | undefined;
  /** When the last attempt began. */
  attemptAt: number | undefined;
  /** The thread of the last attempt; undefined while that is not known, or where it ran inline. */
  thread: number | undefined;
  durationMs: number;
  attempt: number;
  flaky: boolean;
  cached: boolean;
  error: SerializedError | undefined;
  reason: string | undefined;
  readonly tests: TestResult[];
  readonly diagnostics: Diagnostic[];
  readonly warnings: string[];
  readonly conflicts: Conflict[];
  readonly attachments: Attachment[];
  readonly failedAttempts: FailedAttempt[];
  readonly output: BoundedText;
}

/** A file that a step left with its report. */
export type Attachment = Pick<RunEventOf<'step:attachment'>, 'name' | 'file' | 'bytes'>;

/** A run as rebuilt from its events. */
export interface RunView {
  pipeline: string;
  plan: Plan | undefined;
  /** In the order of the plan, without its root. */
  readonly nodes: Map<string, NodeView>;
  startedAt: number;
  /** How long steps usually take, in milliseconds, by id. */
  expected: ReadonlyMap<string, number>;
  /** Time of the last event. */
  now: number;
  overall: number;
  end: RunEventOf<'run:end'> | undefined;
}

/** A view of a run that has not begun. */
export function createRunView(): RunView {
  return { pipeline: '', plan: undefined, nodes: new Map(), startedAt: 0, expected: new Map(), now: 0, overall: 0, end: undefined };
}

/** Takes one event into the view. Unknown events and nodes are ignored. */
export function applyEvent(view: RunView, event: RunEvent): void {
  view.now = event.ts;
  switch (event.type) {
    case 'run:start':
      view.pipeline = event.pipeline;
      view.plan = event.plan;
      view.startedAt = event.ts;
      view.expected = new Map(Object.entries(event.expected ?? {}));
      for (const child of event.plan.children) addNode(view, child, 0, []);
      break;
    case 'run:end':
      view.end = event;
      view.overall = 100;
      for (const node of view.nodes.values()) if (node.state === 'pending' && isHollow(node.node)) node.state = 'passed';
      break;
    default: {
      const node = view.nodes.get(event.id);
      if (node === undefined) return;
      applyNodeEvent(view, node, event);
      updateSequences(view, node);
    }
  }
}

type NodeEvent = Exclude<RunEvent, RunEventOf<'run:start' | 'run:end'>>;

function applyNodeEvent(view: RunView, node: NodeView, event: NodeEvent): void {
  switch (event.type) {
    case 'group:start':
      begin(node, event.ts);
      break;
    case 'step:start':
      begin(node, event.ts);
      node.attempt = event.attempt;
      node.attemptAt = event.ts;
      node.percent = undefined;
      node.message = undefined;
      break;
    case 'step:progress':
      node.percent = event.percent;
      node.message = event.message ?? node.message;
      view.overall = Math.max(view.overall, event.overall);
      break;
    case 'step:output':
      node.output.add(event.text);
      break;
    case 'step:test':
      node.tests.push(withoutStamp(event));
      break;
    case 'step:diagnostic':
      node.diagnostics.push(withoutStamp(event));
      break;
    case 'step:warning':
      node.warnings.push(event.message);
      break;
    case 'step:attachment':
      node.attachments.push(event);
      break;
    case 'step:retry':
      node.error = event.error;
      node.failedAttempts.push({
        attempt: node.attempt,
        error: event.error,
        startedAt: node.attemptAt ?? event.ts,
        endedAt: event.ts,
        ...(event.thread === undefined ? {} : { thread: event.thread }),
      });
      // What the earlier attempt found is not the step's result.
      node.tests.length = 0;
      node.diagnostics.length = 0;
      node.attachments.length = 0;
      break;
    case 'step:end':
      node.state = event.status;
      node.durationMs = event.durationMs;
      node.flaky = event.flaky;
      node.cached = event.cached;
      node.error = event.error;
      node.reason = event.reason;
      node.thread = event.thread;
      view.overall = Math.max(view.overall, event.overall);
      break;
    case 'group:end':
      node.state = event.status;
      node.durationMs = event.durationMs;
      node.error = event.error;
      node.conflicts.push(...event.conflicts);
      break;
    default:
      break;
  }
}

/** What an event says of a step, without what makes it an event. */
function withoutStamp<Event extends RunEventOf<'step:test' | 'step:diagnostic'>>(
  event: Event,
): Omit<Event, keyof EventStamp | 'type' | 'id'> {
  const { v: _v, seq: _seq, ts: _ts, runId: _runId, type: _type, id: _id, ...said } = event;
  return said;
}

/** Sequences have no events of their own: they begin with their first child and end with the last that has any. */
function updateSequences(view: RunView, child: NodeView): void {
  const above = view.nodes.get(child.path.at(-1) ?? '');
  if (above?.node.kind !== 'sequence' || child.state === 'pending') return;
  if (above.state === 'pending' && child.state !== 'skipped') begin(above, view.now);
  if (child.state === 'running' || above.node.children.findLast((node) => !isHollow(node))?.id !== child.node.id)
    return updateSequences(view, above);
  const states = above.node.children.map(({ id }) => view.nodes.get(id));
  const worst = (['timed-out', 'failed', 'cancelled'] as const).find((state) =>
    states.some((node) => node?.state === state && (node.node.kind !== 'step' || node.node.critical)),
  );
  above.state = worst ?? (states.every((node) => node?.state === 'skipped') ? 'skipped' : 'passed');
  above.durationMs = view.now - (above.startedAt ?? view.now);
  updateSequences(view, above);
}

/** Whether there is nothing in a node that events could tell of. */
function isHollow(node: PlanNode): boolean {
  return node.kind === 'sequence' && node.children.every(isHollow);
}

function begin(node: NodeView, ts: number): void {
  node.state = 'running';
  node.startedAt ??= ts;
}

function addNode(view: RunView, node: PlanNode, depth: number, path: readonly string[]): void {
  view.nodes.set(node.id, {
    node,
    depth,
    path,
    state: 'pending',
    percent: undefined,
    message: undefined,
    startedAt: undefined,
    attemptAt: undefined,
    thread: undefined,
    durationMs: 0,
    attempt: 0,
    flaky: false,
    cached: false,
    error: undefined,
    reason: undefined,
    tests: [],
    diagnostics: [],
    warnings: [],
    conflicts: [],
    attachments: [],
    failedAttempts: [],
    output: new BoundedText(),
  });
  if (node.kind !== 'step') for (const child of node.children) addNode(view, child, depth + 1, [...path, node.id]);
}

/** The steps of a view, in the order of the plan. */
export function stepsOf(view: RunView): NodeView[] {
  return [...view.nodes.values()].filter(({ node }) => node.kind === 'step');
}
