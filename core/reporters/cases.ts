import type { SerializedError } from '../contract/errors.ts';
import type { TestResult } from '../contract/events.ts';
import type { SourceLocation } from '../contract/status.ts';
import { errorText, testErrorText } from './error-text.ts';
import type { FailedAttempt, NodeView, RunView } from './run-view.ts';
import { oneLine, tame } from './style.ts';
import { errorsOfRun, failedItself, isBreakdown, namedPath, toleratedNodes } from './verdicts.ts';

const shownFindings = 50;

/** What reports of test results count: a step, a test case inside one, a group that failed by itself, or the run. */
export interface Case {
  /** Pipeline, groups, and the step of a test case. */
  readonly path: readonly string[];
  readonly name: string;
  /** `failed`: it said no; `error`: it did not get to say anything. */
  readonly status: 'passed' | 'failed' | 'error' | 'skipped';
  readonly problem: Problem | undefined;
  /** Why it is skipped. */
  readonly reason: string | undefined;
  /** Unix time in milliseconds; undefined for what did not begin. */
  readonly startedAt: number | undefined;
  readonly durationMs: number;
  readonly location: SourceLocation | undefined;
  /** What it belongs to; undefined for the run itself. */
  readonly node: NodeView | undefined;
  readonly test: TestResult | undefined;
  /** Earlier attempts of a step. */
  readonly failedAttempts: readonly FailedAttempt[];
  readonly flaky: boolean;
}

/** Why a case failed. */
export interface Problem {
  /** The class or the code of the error. */
  readonly type: string;
  readonly message: string;
  /** The message, and all that is known besides. */
  readonly text: string;
}

/** What is wrong, as reports of test results say it. */
export function problemOf(error: SerializedError, cwd: string): Problem {
  const type = error.code === 'E_STEP_FAILED' ? error.name : error.code;
  return { type, message: tame(error.message, false) || error.name, text: errorText(error, cwd) };
}

/**
 * The cases of a run, in the order of the plan. A step with test cases is a case of its own only where these do not
 * tell how it ended. There are failures if and only if the run did not pass.
 */
export function casesOf(view: RunView, cwd: string): readonly Case[] {
  const tolerated = toleratedNodes(view);
  const cases = [...view.nodes.values()].flatMap((node) => {
    const own = nodeCases(view, node, cwd);
    return tolerated.has(node.node.id) ? own.map(tolerate) : own;
  });
  const bad = cases.some(({ status }) => status === 'failed' || status === 'error');
  if (view.end?.status === 'passed' || (bad && view.end !== undefined && errorsOfRun(view).length === 0)) return cases;
  return [...cases, runCase(view, cwd)];
}

function nodeCases(view: RunView, node: NodeView, cwd: string): readonly Case[] {
  const path = [view.pipeline, ...namedPath(node)];
  if (node.node.kind !== 'step') return failedItself(node, view.nodes) ? [stepCase(node, path, cwd)] : [];
  const tests = node.tests.map((test) => testCase(test, node, [...path, node.node.id], cwd));
  const told =
    tests.length > 0 &&
    !node.flaky &&
    (node.state === 'passed' || (node.error?.code === 'E_TESTS_FAILED' && tests.some(({ status }) => status === 'failed')));
  return told ? tests : [stepCase(node, path, cwd), ...tests];
}

function stepCase(node: NodeView, path: readonly string[], cwd: string): Case {
  const { state, error } = node;
  return {
    path,
    name: node.node.id,
    ...stepOutcome(node, cwd),
    startedAt: node.startedAt,
    durationMs: node.durationMs,
    location: (state === 'failed' ? error?.location : undefined) ?? node.node.location,
    node,
    test: undefined,
    failedAttempts: node.failedAttempts,
    flaky: node.flaky,
  };
}

function stepOutcome(node: NodeView, cwd: string): Pick<Case, 'status' | 'problem' | 'reason'> {
  const { state, error, reason } = node;
  switch (state) {
    case 'passed':
      return { status: 'passed', problem: undefined, reason: undefined };
    case 'failed':
    case 'timed-out': {
      const bare = error === undefined ? { type: state, message: state, text: state } : problemOf(error, cwd);
      const problem = { ...bare, text: [bare.text, ...findings(node)].join('\n\n') };
      const broke = state === 'timed-out' || (error !== undefined && isBreakdown(error));
      return { status: broke ? 'error' : 'failed', problem, reason: undefined };
    }
    case 'running': {
      const message = 'It never ended: the run was stopped while it was running.';
      return { status: 'error', problem: { type: 'E_CANCELLED', message, text: message }, reason: undefined };
    }
    case 'pending':
      return { status: 'skipped', problem: undefined, reason: 'The run was stopped before it began.' };
    default:
      return { status: 'skipped', problem: undefined, reason: reason ?? (state === 'cancelled' ? (error?.message ?? 'cancelled') : state) };
  }
}

/** What a tool found: the substance of many failures. */
function findings({ diagnostics }: NodeView): readonly string[] {
  if (diagnostics.length === 0) return [];
  const lines = diagnostics
    .slice(0, shownFindings)
    .map(({ file, line, column, severity, message, code }) =>
      oneLine(`${file}:${line}:${column} ${severity} ${message}${code === undefined ? '' : ` (${code})`}`),
    );
  const more = diagnostics.length - lines.length;
  return [[...lines, ...(more > 0 ? [`… ${more} more`] : [])].join('\n')];
}

function testCase(test: TestResult, node: NodeView, path: readonly string[], cwd: string): Case {
  const { status, error } = test;
  const message = tame(error?.message ?? 'failed', false);
  return {
    path,
    name: [...test.path, test.name].join(' › '),
    status: status === 'todo' ? 'skipped' : status,
    problem:
      status === 'failed' ? { type: tame(error?.name ?? 'AssertionError', false), message, text: testErrorText(test, cwd) } : undefined,
    reason: status === 'todo' ? 'to do' : undefined,
    startedAt: node.startedAt,
    durationMs: test.durationMs,
    location: test.location,
    node,
    test,
    failedAttempts: [],
    flaky: false,
  };
}

/** A failure that decides nothing is no failure of the run. */
function tolerate(own: Case): Case {
  if (own.status !== 'failed' && own.status !== 'error') return own;
  return { ...own, status: 'skipped', reason: `It failed, and was not needed: ${own.problem?.message ?? ''}` };
}

function runCase(view: RunView, cwd: string): Case {
  const errors = errorsOfRun(view).map((error) => problemOf(error, cwd));
  const message =
    view.end === undefined
      ? 'The run was stopped before it could end.'
      : `The run ${view.end.status === 'cancelled' ? 'was cancelled' : 'failed'}.`;
  const broke = view.end === undefined || view.end.status !== 'failed' || errorsOfRun(view).some(isBreakdown);
  return {
    path: [view.pipeline],
    name: view.pipeline,
    status: broke ? 'error' : 'failed',
    problem: {
      type: errors[0]?.type ?? (view.end === undefined ? 'E_CANCELLED' : 'E_GROUP_FAILED'),
      message: errors[0]?.message ?? message,
      text: errors.length === 0 ? message : errors.map(({ text }) => text).join('\n\n'),
    },
    reason: undefined,
    startedAt: view.startedAt,
    durationMs: view.end?.durationMs ?? view.now - view.startedAt,
    location: view.plan?.location,
    node: undefined,
    test: undefined,
    failedAttempts: [],
    flaky: false,
  };
}
