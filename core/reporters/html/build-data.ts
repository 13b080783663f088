import type { SerializedError } from '../../contract/errors.ts';
import type { TestResult } from '../../contract/events.ts';
import type { PlanNode } from '../../contract/plan.ts';
import type { SourceLocation } from '../../contract/status.ts';
import { codeFrame } from '../code-frame.ts';
import { framesOf, isSameLine } from '../error-text.ts';
import { type NodeView, type RunView, stepsOf } from '../run-view.ts';
import { painter, tame } from '../style.ts';
import { errorsOfRun, hasFailed, toleratedNodes } from '../verdicts.ts';
import type { ReportData, ReportError, ReportNode, ReportTest } from './report-data.ts';

// A page that is to be opened and sent around has bounds, whatever a run printed.
const limits = {
  tests: 2000,
  diagnostics: 1000,
  results: 64 * 1024,
  /** Characters of text, such as a message or a stack. */
  text: 20_000,
  output: { failed: 256 * 1024, other: 32 * 1024, all: 4 * 1024 * 1024 },
  /** Code frames read files. */
  frames: 500,
} as const;

const frameColumns = 110;

/** What a page shows of a run. */
export function buildData(view: RunView, runId: string, cwd: string): ReportData {
  const tolerated = toleratedNodes(view);
  const outputs = shareOutput([...view.nodes.values()]);
  const texts: Texts = { cwd, frames: frameReader(cwd) };
  const { end } = view;
  const results = end === undefined || Object.keys(end.results).length === 0 ? undefined : JSON.stringify(end.results, null, 2);
  return {
    pipeline: view.pipeline,
    runId,
    status: end?.status ?? 'stopped',
    startedAt: view.startedAt,
    durationMs: end?.durationMs ?? view.now - view.startedAt,
    counts: end?.counts ?? countsOf(view),
    nodes: [...view.nodes.values()].map((node) => buildNode(node, { view, tolerated, outputs, texts })),
    errors: errorsOfRun(view).map((error) => buildError(error, texts)),
    ...(results === undefined ? {} : { results: shorten(results, limits.results) }),
  };
}

type FrameReader = (location: SourceLocation | undefined) => string | undefined;

/** What texts of errors are made with. */
interface Texts {
  readonly cwd: string;
  readonly frames: FrameReader;
}

interface Parts {
  readonly view: RunView;
  readonly tolerated: ReadonlySet<string>;
  readonly outputs: ReadonlyMap<NodeView, SharedOutput>;
  readonly texts: Texts;
}

function buildNode(node: NodeView, { view, tolerated, outputs, texts }: Parts): ReportNode {
  const { id, description, location } = node.node;
  const output = outputs.get(node);
  // What failed comes first, where there are too many.
  const tests = bounded(node.tests, limits.tests, ({ status }) => status === 'failed');
  const diagnostics = bounded(node.diagnostics, limits.diagnostics, ({ severity }) => severity === 'error');
  return {
    id,
    kind: node.node.kind === 'pipeline' ? 'sequence' : node.node.kind,
    what: whatIs(node.node),
    named: node.node.kind === 'step' || !id.includes('('),
    depth: node.depth,
    ...(description === undefined ? {} : { description }),
    state: node.state,
    tolerated: tolerated.has(id),
    ...(node.startedAt === undefined ? {} : { startMs: node.startedAt - view.startedAt }),
    durationMs: node.state === 'running' ? view.now - (node.startedAt ?? view.now) : node.durationMs,
    attempts: node.attempt,
    flaky: node.flaky,
    cached: node.cached,
    ...(node.reason === undefined ? {} : { reason: node.reason }),
    ...(node.thread === undefined ? {} : { thread: node.thread }),
    ...(location === undefined ? {} : { location }),
    earlier: node.failedAttempts.map(({ startedAt, endedAt, error }) => ({
      startMs: startedAt - view.startedAt,
      endMs: endedAt - view.startedAt,
      error: buildError(error, texts),
    })),
    ...(node.error === undefined || !hasProblem(node) ? {} : { error: buildError(node.error, texts) }),
    tests: tests.map((test) => buildTest(test, texts)),
    diagnostics: diagnostics.map(({ file, line, column, severity, message, source, code }) => ({
      ...{ file, line, column, severity, source, message: clean(message) },
      ...(code === undefined ? {} : { code }),
    })),
    warnings: node.warnings.map(clean),
    conflicts: node.conflicts,
    attachments: node.attachments.map(({ name, file, bytes }) => ({ name, file, bytes })),
    ...(output === undefined ? {} : { output: output.text }),
    left: {
      tests: node.tests.length - tests.length,
      diagnostics: node.diagnostics.length - diagnostics.length,
      output: output?.left ?? 0,
    },
  };
}

/** A passed step keeps the error of an earlier attempt; that one is shown with the attempt. */
function hasProblem(node: NodeView): boolean {
  return hasFailed(node) || node.state === 'cancelled';
}

function whatIs(node: PlanNode): string {
  if (node.kind === 'step') return node.uses ?? 'function';
  if (node.kind !== 'group') return 'in order';
  const { operator, required, children } = node;
  if (operator === 'all') return `all of ${children.length}`;
  return operator === 'any' ? `any of ${children.length}` : `at least ${required} of ${children.length}`;
}

function buildTest({ name, path, status, durationMs, error, location }: TestResult, { frames, cwd }: Texts): ReportTest {
  const stack = framesOf(error?.stack, cwd, location);
  const frame = status === 'failed' ? frames(location) : undefined;
  return {
    ...{ name: clean(name), path: path.map(clean), status, durationMs },
    ...(error === undefined
      ? {}
      : {
          error: {
            message: clean(error.message),
            ...(stack === '' ? {} : { stack }),
            ...(error.expected === undefined ? {} : { expected: clean(error.expected) }),
            ...(error.actual === undefined ? {} : { actual: clean(error.actual) }),
          },
        }),
    ...(location === undefined ? {} : { location }),
    ...(frame === undefined ? {} : { frame }),
  };
}

function buildError(error: SerializedError, texts: Texts, above?: SourceLocation): ReportError {
  const { code, name, message, hint, location, stack, cause, errors } = error;
  // A cause often arose in the line of what it caused: once is enough.
  const frame = isSameLine(location, above) ? undefined : texts.frames(location);
  const calls = framesOf(stack, texts.cwd, location);
  return {
    ...{ code, name, message: clean(message) },
    ...(hint === undefined ? {} : { hint: clean(hint) }),
    ...(location === undefined ? {} : { location }),
    ...(frame === undefined ? {} : { frame }),
    ...(calls === '' ? {} : { stack: shorten(calls, limits.text) }),
    ...(cause === undefined ? {} : { cause: buildError(cause, texts, location) }),
    ...(errors === undefined ? {} : { errors: errors.map((inner) => buildError(inner, texts)) }),
  };
}

function frameReader(cwd: string): FrameReader {
  let read = 0;
  return (location) => {
    if (location === undefined || read >= limits.frames) return undefined;
    read += 1;
    return codeFrame(location, cwd, painter(false), frameColumns);
  };
}

interface SharedOutput {
  readonly text: string;
  /** How many characters before it are left out. */
  readonly left: number;
}

/** What each node's output may have of the page: those that failed first. */
function shareOutput(nodes: readonly NodeView[]): ReadonlyMap<NodeView, SharedOutput> {
  const shared = new Map<NodeView, SharedOutput>();
  let room: number = limits.output.all;
  const printed = nodes.filter(({ output }) => !output.isEmpty);
  for (const node of [...printed.filter(hasFailed), ...printed.filter((each) => !hasFailed(each))]) {
    const limit = Math.min(room, hasFailed(node) ? limits.output.failed : limits.output.other);
    const raw = node.output.toString();
    // What it printed last tells most. Colours and the like may go, so that a little more is looked at.
    const text = limit === 0 ? '' : tame(raw.slice(-2 * limit), true).slice(-limit);
    shared.set(node, { text, left: raw.length > limit ? raw.length - text.length : 0 });
    room -= text.length;
  }
  return shared;
}

function bounded<T>(list: readonly T[], limit: number, isFirst: (item: T) => boolean): readonly T[] {
  return list.length <= limit ? list : [...list.filter(isFirst), ...list.filter((item) => !isFirst(item))].slice(0, limit);
}

/** Counts of a run that did not come to count them. */
function countsOf(view: RunView): ReportData['counts'] {
  const steps = stepsOf(view);
  const count = (wanted: NodeView['state']): number => steps.filter(({ state }) => state === wanted).length;
  return {
    steps: steps.length,
    passed: count('passed'),
    failed: count('failed'),
    timedOut: count('timed-out'),
    cancelled: count('cancelled'),
    skipped: count('skipped'),
    flaky: steps.filter(({ flaky }) => flaky).length,
    cached: steps.filter(({ cached }) => cached).length,
  };
}

const clean = (text: string): string => shorten(tame(text, false), limits.text);

function shorten(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}
