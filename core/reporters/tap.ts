import type { TestResult } from '../contract/events.ts';
import { casesOf } from './cases.ts';
import { errorText, framesOf } from './error-text.ts';
import type { ReporterFactory } from './reporter.ts';
import { applyEvent, createRunView, type NodeView, type RunView } from './run-view.ts';
import { oneLine, tame } from './style.ts';
import { errorsOfRun, hasFailed, toleratedNodes } from './verdicts.ts';

/** So many lines of what a failed step printed are shown. */
const outputLines = 50;

/** What a test point says. */
interface Point {
  readonly ok: boolean;
  readonly name: string;
  /** `SKIP …` or `TODO …`; the reader counts neither as a failure. */
  readonly directive?: string;
  readonly durationMs?: number;
  readonly details?: readonly (readonly [key: string, value: string | undefined])[];
}

/** TAP 14: a test point for each step, a subtest for each group and for the test cases of a step. Parts of the plan are written as they end. */
export const createReporter: ReporterFactory = (output, { cwd }) => {
  const view = createRunView();
  let written = 0;
  const write = (lines: readonly string[]): void => output.write(lines.map((line) => `${line}\n`).join(''));
  const writeNext = (isOver: (node: NodeView) => boolean): void => {
    for (;;) {
      const child = view.plan?.children[written];
      const next = view.nodes.get(child?.id ?? '');
      if (child === undefined || next === undefined || !isOver(next)) return;
      written += 1;
      write(renderNode({ view, cwd, tolerated: toleratedNodes(view, [child]) }, next, written));
    }
  };
  return {
    onEvent(event) {
      applyEvent(view, event);
      if (event.type === 'run:start') write(['TAP version 14', `1..${event.plan.children.length}`]);
      else if (event.type === 'step:end' || event.type === 'group:end')
        writeNext(({ state }) => state !== 'pending' && state !== 'running');
    },
    close() {
      if (view.plan === undefined) write(['TAP version 14', '1..0']);
      writeNext(() => true);
      const reason = bailOut(view, cwd);
      if (reason !== undefined) write([`Bail out! ${escaped(reason)}`]);
    },
  };
};

/** Why the run did not pass, where no test point says that. */
function bailOut(view: RunView, cwd: string): string | undefined {
  if (view.end === undefined) return 'The run was stopped before it could end.';
  if (view.end.status === 'passed') return undefined;
  const [error] = errorsOfRun(view);
  if (error !== undefined) return error.message;
  const tolerated = toleratedNodes(view);
  const told = (view.plan?.children ?? []).some(({ id }) => {
    const node = view.nodes.get(id);
    return node !== undefined && hasFailed(node) && !tolerated.has(id);
  });
  if (told) return undefined;
  // What failed lies below something that was cancelled.
  const failed = casesOf(view, cwd).find(({ status }) => status === 'failed' || status === 'error');
  return failed?.problem?.message ?? `The run ${view.end.status}.`;
}

/** What the lines of a part of the plan are made from. */
interface Page {
  readonly view: RunView;
  readonly cwd: string;
  readonly tolerated: ReadonlySet<string>;
}

function renderNode(page: Page, node: NodeView, number: number): readonly string[] {
  const tolerated = page.tolerated.has(node.node.id);
  const inner = node.node.kind === 'step' ? renderTests(node, tolerated, page.cwd) : renderChildren(page, node);
  return [...inner, ...renderPoint(pointOf(node, tolerated, page.cwd), number)];
}

function renderChildren(page: Page, { node }: NodeView): readonly string[] {
  if (node.kind === 'step') return [];
  const lines = node.children.flatMap((child, index) => {
    const own = page.view.nodes.get(child.id);
    return own === undefined ? [] : renderNode(page, own, index + 1);
  });
  return subtest(node.id, node.children.length, lines);
}

function renderTests({ node, tests }: NodeView, tolerated: boolean, cwd: string): readonly string[] {
  if (tests.length === 0) return [];
  const lines = tests.flatMap((test, index) => renderPoint(testPoint(test, tolerated, cwd), index + 1));
  return subtest(node.id, tests.length, lines);
}

function subtest(name: string, count: number, lines: readonly string[]): readonly string[] {
  return [`# Subtest: ${escaped(name)}`, ...[`1..${count}`, ...lines].map((line) => `    ${line}`)];
}

function pointOf(node: NodeView, tolerated: boolean, cwd: string): Point {
  const { state, error, durationMs, reason, output } = node;
  const name = node.node.id;
  switch (state) {
    case 'passed':
      return { ok: true, name, durationMs };
    case 'pending':
      return { ok: true, name, directive: 'SKIP the run was stopped before it began' };
    case 'running':
      return { ok: false, name, details: [['message', 'It never ended: the run was stopped.']] };
    case 'failed':
    case 'timed-out': {
      const message = error === undefined ? state : tame(error.message, false);
      const details = error === undefined ? message : errorText(error, cwd);
      const printed = output.isEmpty || node.tests.length > 0 ? undefined : tame(output.toString().trimEnd(), false);
      return {
        ok: false,
        name,
        durationMs,
        ...(tolerated ? { directive: 'TODO it was not needed' } : {}),
        details: [
          ['message', message],
          ['severity', 'fail'],
          ['code', error?.code],
          ['at', error?.location === undefined ? undefined : `${error.location.file}:${error.location.line}:${error.location.column}`],
          ['details', details === message ? undefined : details],
          ['output', printed?.split('\n').slice(-outputLines).join('\n')],
        ],
      };
    }
    default:
      return { ok: true, name, directive: `SKIP ${reason ?? (state === 'cancelled' ? 'cancelled' : '')}`.trimEnd() };
  }
}

function testPoint({ name, path, status, durationMs, error, location }: TestResult, tolerated: boolean, cwd: string): Point {
  const full = [...path, name].join(' › ');
  if (status === 'passed') return { ok: true, name: full, durationMs };
  if (status !== 'failed') return { ok: true, name: full, directive: status === 'todo' ? 'TODO' : 'SKIP' };
  const frames = framesOf(error?.stack, cwd, location).replaceAll(/^ {4}/gm, '');
  return {
    ok: false,
    name: full,
    durationMs,
    ...(tolerated ? { directive: 'TODO it was not needed' } : {}),
    details: [
      ['message', tame(error?.message ?? 'failed', false)],
      ['severity', 'fail'],
      ['name', error?.name],
      ['expected', error?.expected],
      ['actual', error?.actual],
      ['at', location === undefined ? undefined : `${location.file}:${location.line}:${location.column}`],
      ['stack', frames === '' ? undefined : frames],
    ],
  };
}

function renderPoint({ ok, name, directive, durationMs, details = [] }: Point, number: number): readonly string[] {
  const end = directive !== undefined ? ` # ${escaped(directive)}` : durationMs === undefined ? '' : ` # time=${Math.round(durationMs)}ms`;
  const known = details.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const yaml = known.length === 0 ? [] : ['  ---', ...known.flatMap(([key, value]) => renderValue(key, value)), '  ...'];
  return [`${ok ? 'ok' : 'not ok'} ${number} - ${escaped(name)}${end}`, ...yaml];
}

/** A text in YAML: in quotes, or as a block of lines. */
function renderValue(key: string, value: string): readonly string[] {
  const text = tame(value, false).trimEnd();
  // JSON's quotes are YAML's. A block cannot begin with a blank: its first line sets the indent.
  if (!text.includes('\n') || /^\s/.test(text)) return [`  ${key}: ${JSON.stringify(text)}`];
  return [`  ${key}: |-`, ...text.split('\n').map((line) => (line === '' ? '' : `    ${line}`))];
}

/** A description: what begins a directive, and the sign that undoes that, are escaped. */
function escaped(text: string): string {
  return oneLine(text)
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('#', String.raw`\#`);
}
