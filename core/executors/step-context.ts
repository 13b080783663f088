import { isAbsolute, resolve } from 'node:path';
import { formatWithOptions } from 'node:util';
import type { Command, ExecOptions, ExecResult, PipelineContext, RunningCommand } from '../contract/context.ts';
import { TreadleError } from '../contract/errors.ts';
import type { TestResult } from '../contract/events.ts';
import type { Environment, StepHost } from '../contract/executor.ts';
import type { ErrorChunk, SerializedError } from '../contract/errors.ts';
import { reviveError } from '../context/errors.ts';
import { decodeFrozen } from '../context/frozen.ts';
import type { ResultsView } from '../context/view.ts';
import { commandLine, howItEnded, lastWords } from './command-end.ts';
import type { Config } from '../contract/context.ts';
import type { Segment } from '../contract/snapshot.ts';
import { checkAttachment, checkedDiagnostic, checkedTest, messageOf } from './step-reports.ts';
import type { StepSignal } from './step-signal.ts';
import { TestCases } from './test-cases.ts';

/** What a step's context is made of. */
export interface StepContextParts {
  readonly stepId: string;
  readonly description?: string;
  readonly attempt: number;
  readonly view: ResultsView;
  readonly config: Segment;
  readonly errors: readonly ErrorChunk[];
  readonly cwd: string;
  readonly env: Environment;
  readonly signal: StepSignal;
  readonly host: StepHost;
}

/** The context handed to a step's code, and what the executor needs to know about its use. */
export interface StepContext {
  readonly context: PipelineContext;
  readonly tests: TestCases;
}

/** Builds the context of one attempt; the same for every executor, as all of its effects go through the host. */
export function createStepContext(parts: StepContextParts): StepContext {
  const { host, view } = parts;
  const tests = new TestCases(parts.cwd, (result) => host.test(result));

  function test(name: string, body: () => unknown): Promise<boolean>;
  function test(result: TestResult): void;
  function test(subject: string | TestResult, body?: () => unknown): Promise<boolean> | void {
    return typeof subject === 'string' ? tests.run(subject, body ?? (() => undefined)) : tests.report(checkedTest(subject));
  }

  let errors: readonly SerializedError[] | undefined;
  const context: PipelineContext = {
    get results() {
      return view.results;
    },
    set results(value) {
      view.replace(value);
    },
    get config() {
      return frozenConfig(parts.config);
    },
    get errors() {
      // A copy of its own: what a step does to it concerns nobody else.
      return (errors ??= structuredClone(parts.errors.flat()));
    },
    step: { id: parts.stepId, attempt: parts.attempt, ...(parts.description === undefined ? {} : { description: parts.description }) },
    get signal() {
      return parts.signal.signal;
    },
    cwd: parts.cwd,
    env: parts.env,
    updateStepProgress: (percent, message) => host.progress(clampPercent(percent), message === undefined ? undefined : messageOf(message)),
    log: (...values) => host.output('stdout', `${formatWithOptions({ colors: false }, ...values)}\n`),
    exec: (command, options) => startCommand(parts, command, options),
    test,
    diagnostic: (problem) => host.diagnostic(checkedDiagnostic(problem)),
    attach: (name, content) => {
      checkAttachment(name, content);
      host.attach(name, content);
    },
    warn: (message) => host.warning(messageOf(message)),
  };
  return { context, tests };
}

function frozenConfig(segment: Segment): Config {
  // The run layer encodes `config` from a plain object, so that is what comes out.
  return decodeFrozen(segment) as Config;
}

function clampPercent(percent: number): number {
  return percent >= 0 ? Math.min(percent, 100) : 0;
}

function startCommand(parts: StepContextParts, command: Command, options: ExecOptions = {}): RunningCommand {
  const shownAs = commandLine(command);
  const started = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<ExecResult>();
  // Nobody has to wait for the pid, nor for a service that runs beside the steps that follow.
  started.promise.catch(() => undefined);
  ended.promise.catch(() => undefined);
  const fail = (error: unknown): void => {
    started.reject(error);
    ended.reject(error);
  };
  let stop: () => void = () => undefined;
  try {
    parts.signal.throwIfAborted();
    stop = parts.host.exec(
      {
        command,
        cwd: options.cwd === undefined ? parts.cwd : isAbsolute(options.cwd) ? options.cwd : resolve(parts.cwd, options.cwd),
        env: mergeEnvironment(parts.env, options.env),
        ...(options.input === undefined ? {} : { input: options.input }),
        lifetime: options.lifetime ?? 'step',
        show: options.show ?? true,
        lines: options.onLine !== undefined,
      },
      {
        started: (pid) => started.resolve(pid),
        line: (line, stream) => {
          try {
            options.onLine?.(line, stream);
          } catch (thrown) {
            fail(thrown);
            stop();
          }
        },
        exit: (result) => {
          started.resolve(-1);
          if ((options.check ?? true) && result.exitCode !== 0) ended.reject(commandFailed(shownAs, result));
          else ended.resolve(result);
        },
        error: (error) => fail(reviveError(error)),
      },
    );
  } catch (thrown) {
    fail(thrown);
  }
  return {
    pid: started.promise,
    // A running command is awaited like a promise; that is its purpose.
    // oxlint-disable-next-line unicorn/no-thenable
    then: (onFulfilled, onRejected) => ended.promise.then(onFulfilled, onRejected),
    kill: () => stop(),
  };
}

function mergeEnvironment(base: Environment, own: ExecOptions['env']): Environment {
  if (own === undefined) return base;
  const merged: Record<string, string> = { ...base };
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

function commandFailed(command: string, result: ExecResult): TreadleError {
  const said = lastWords(result, 5);
  return new TreadleError('E_COMMAND_FAILED', `\`${command}\` ${howItEnded(result)}${said === '' ? '' : `:\n${said}`}`, {
    props: { command, exitCode: result.exitCode, signal: result.signal },
  });
}
