import { resolve } from 'node:path';
import type { ExitCode } from '../contract/errors.ts';
import type { RunEvent } from '../contract/events.ts';
import { timeLimit } from '../contract/time-limit.ts';
import { stepsIn } from '../contract/plan.ts';
import type { Engine, RunRequest } from '../engine.ts';
import { historyLimits } from '../history/history-limits.ts';
import { StepTimes } from '../history/step-times.ts';
import { CleanUpRemark } from './clean-up-remark.ts';
import type { ReporterChoice } from './choose-reporters.ts';
import type { Console } from './console.ts';
import type { Interruptible, Interruption } from './interruption.ts';
import { warnOfUnkept } from './not-kept.ts';
import { openReportFile } from './report-file.ts';
import { openReporting } from './reporting.ts';
import { RunVerdict } from './run-verdict.ts';
import { Trace } from './trace.ts';

/** How long a killed run may take to say how it ended. */
const killedRunMs = 500;
/** How long the engine of a killed run may take to end its threads. */
const killedEngineMs = 1500;
/** How long an engine may take to close otherwise; it means to take far less. */
const closingMs = 5000;

/** So many steps that clean up are named. */
const shownNames = 2;

/** An engine, or several that run as one. */
export type Runner = Pick<Engine, 'plan' | 'mostShards' | 'nameOf' | 'start' | 'close'> & { readonly project: { readonly root: string } };

/** What a run is followed with. */
export interface RunSurroundings {
  readonly reporters: readonly ReporterChoice[];
  readonly traceFile: string | undefined;
  /** The trace's file is relative to it. */
  readonly cwd: string;
  readonly console: Console;
  readonly interruption: Interruption;
  /** How long steps take, by pipeline; what is learned in a run is added for the next. */
  readonly times?: Map<string, StepTimes>;
  readonly onStart?: (run: Interruptible) => void;
  /** What comes after a run that was stopped, for people. */
  readonly afterStop?: () => string | undefined;
  readonly onEvent?: (event: RunEvent) => void;
}

/** Starts a run, reports on it until it has ended or was killed, and computes the exit code from its events. */
export async function followRun(engine: Runner, request: RunRequest, surroundings: RunSurroundings): Promise<ExitCode> {
  const { console, interruption } = surroundings;
  // A request that cannot be met must not leave empty reports behind.
  const plan = engine.plan(request);
  const keep = historyLimits(process.env) !== undefined;
  const verdict = new RunVerdict();
  const trace = openTrace(surroundings);
  const times = timesOf(engine, request, surroundings);
  let endProcesses = (): void => {};
  const reporting = await openReporting(surroundings.reporters, console, engine.project.root);
  const always = stepsIn(plan).flatMap(({ id, when }) => (when === 'always' ? [id] : []));
  const cleanUp = new CleanUpRemark(always, (reason, stepIds) =>
    reporting.stopping({ reason, text: cleanUpText(reason, stepIds, surroundings) }),
  );
  try {
    const run = engine.start({
      trigger: { kind: console.ci ? 'ci' : 'command' },
      ...request,
      keep,
      onKeepingFailed: (error) => warnOfUnkept(error, console),
      ...(times === undefined ? {} : { expected: times.expected(plan) }),
      onEvent: (event) => {
        verdict.note(event);
        times?.note(event);
        trace?.add(event);
        reporting.report(event);
        cleanUp.note(event);
        surroundings.onEvent?.(event);
      },
    });
    const stoppable: Interruptible = {
      cancel: (reason) => {
        run.cancel(reason);
        cleanUp.stopped(reason);
      },
      halt: (reason) => run.halt(reason),
      killNow: () => run.killNow(),
    };
    interruption.attach(stoppable, always.length > 0);
    surroundings.onStart?.(stoppable);
    // Code of the project may end this process; what the run started must not outlive it.
    endProcesses = () => run.killNow();
    process.once('exit', endProcesses);
    await Promise.race([run.result, interruption.killed.then(() => timeLimit(killedRunMs).passed)]);
  } finally {
    process.off('exit', endProcesses);
    await reporting.close();
    trace?.finish();
  }
  if (!verdict.arrived && interruption.exitCode === undefined) {
    console.err.say('treadle: the run ended without saying how; that is a bug in Treadle, please report it.\n');
  }
  return interruption.exitCode ?? verdict.exitCode;
}

function cleanUpText(reason: string, stepIds: readonly string[], { interruption, afterStop }: RunSurroundings): string {
  const names = stepIds.map((id) => `"${id}"`);
  const shown =
    names.length > shownNames ? `${names.slice(0, shownNames).join(', ')} and ${names.length - shownNames} more` : names.join(' and ');
  const who = `${shown} ${names.length === 1 ? 'cleans' : 'clean'} up`;
  const kill = interruption.signal === 'SIGINT' ? 'Ctrl-C once more kills it' : undefined;
  const next = interruption.signal === undefined ? afterStop?.() : kill;
  return `${reason} ${who}${next === undefined ? '' : `; ${next}`}.`;
}

/** Only a tree that is drawn live shows when the run may end. */
function timesOf(engine: Runner, request: RunRequest, { reporters, console, times }: RunSurroundings): StepTimes | undefined {
  if (!console.out.isTerminal || !reporters.some(({ name, file }) => name === 'tree' && file === undefined)) return undefined;
  const pipeline = engine.nameOf(request);
  const known = times?.get(pipeline) ?? StepTimes.read(engine.project.root, pipeline);
  times?.set(pipeline, known);
  return known;
}

/** A timeline, and the writing of it when the run is over. */
function openTrace({ traceFile, cwd, console }: RunSurroundings): (Pick<Trace, 'add'> & { finish(): void }) | undefined {
  if (traceFile === undefined) return undefined;
  const file = openReportFile(resolve(cwd, traceFile), 'trace');
  const trace = new Trace();
  return {
    add: (event) => trace.add(event),
    finish: () => {
      try {
        file.write(trace.toJson());
      } catch (error) {
        console.err.say(`treadle: the trace could not be written: ${String(error)}\n`);
      }
      file.close();
    },
  };
}

/** Closes an engine within bounds. After a second signal, the process ends here. */
export async function closeEngine(engine: Pick<Engine, 'close'>, interruption: Interruption): Promise<void> {
  const limit = timeLimit(closingMs);
  const killed = interruption.killed.then(() => timeLimit(killedEngineMs).passed);
  const closed = await Promise.race([engine.close().then(() => true), Promise.race([limit.passed, killed]).then(() => false)]);
  limit.callOff();
  if (interruption.wasKilled) interruption.end(closed);
}
