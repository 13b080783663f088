import type { PipelineContext } from './context.ts';
import type { ErrorChunk, SerializedError } from './errors.ts';
import type { Diagnostic, TestResult } from './events.ts';
import type { ExecutorName } from './plan.ts';
import type { Patch, Segment, Snapshot } from './snapshot.ts';

/** Environment variables. */
export interface Environment {
  readonly [name: string]: string;
}

/** A runnable that lives in this process only. */
export interface LiveStep {
  run(context: PipelineContext): unknown;
}

/** Where a step's code is found. All but `live` can travel to another thread. */
export type StepCode =
  /**
   * The default export of a compiled plugin, or the one that the URL's fragment names, with validated options; with those
   * that were written, still to be validated, where what validation makes of them cannot travel.
   */
  | { readonly kind: 'plugin'; readonly module: string; readonly options: Segment; readonly asWritten?: true }
  /** A step of a compiled pipeline file, found by its id: a function, or options that cannot travel. */
  | {
      readonly kind: 'pipeline-step';
      readonly module: string;
      readonly pipeline: string;
      /** Module of the plugin that the step names, where it names one. */
      readonly plugin?: string;
    }
  /** The `when` function of a step of a compiled pipeline file; its answer is the outcome's `value`. */
  | { readonly kind: 'pipeline-when'; readonly module: string; readonly pipeline: string }
  /** Runs inline only. */
  | { readonly kind: 'live'; readonly step: LiveStep };

/** One attempt at a step, as handed to an executor. */
export interface Assignment {
  readonly stepId: string;
  readonly description?: string;
  readonly attempt: number;
  readonly code: StepCode;
  readonly results: Snapshot;
  readonly config: Segment;
  readonly errors: readonly ErrorChunk[];
  readonly cwd: string;
  /** The environment that all steps of the run share; the same object each time, so that it travels once. */
  readonly baseEnv: Environment;
  /** What this step adds to it. */
  readonly env: Environment;
  /** Variables for processes which the step starts by itself: they mark them, so that they can be found and stopped, and tell them of the run. */
  readonly mark: Environment;
  readonly memoryLimitMb?: number;
}

/** A command that a step asked for; see `ExecOptions`. */
export interface ExecRequest {
  readonly command: string | readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  readonly input?: string;
  readonly lifetime: 'step' | 'run';
  readonly show: boolean;
  /** Whether lines are wanted as they arrive. */
  readonly lines: boolean;
}

/** How a command ended; see `ExecResult`. */
export interface ExecExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** What becomes of a command; the last call is `exit` or `error`. */
export interface ExecListener {
  started(pid: number): void;
  line(line: string, stream: 'stdout' | 'stderr'): void;
  exit(result: ExecExit): void;
  error(error: SerializedError): void;
}

/** Of the progress of a step, at most one event in so many milliseconds is told: to the eye that is smooth, and wakes nobody for nothing. */
export const progressIntervalMs = 40;

/** What an attempt may ask of the engine while it runs. Calls after its end are ignored. */
export interface StepHost {
  progress(percent: number, message?: string): void;
  output(stream: 'stdout' | 'stderr', text: string): void;
  test(result: TestResult): void;
  diagnostic(problem: Diagnostic): void;
  warning(message: string): void;
  attach(name: string, content: string | Uint8Array): void;
  /** Starts a process; the returned function stops it with its whole tree. */
  exec(request: ExecRequest, listener: ExecListener): () => void;
}

/** How an attempt ended. */
export type Outcome =
  | { readonly status: 'passed'; readonly patch: Patch; readonly value?: boolean; readonly thread?: number }
  | { readonly status: 'failed' | 'timed-out' | 'cancelled'; readonly error: SerializedError; readonly thread?: number };

/** An attempt under way. */
export interface Attempt {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Where the step has to wait for a place: resolves when it begins. Until then, its time does not run. */
  readonly begun?: Promise<void> | undefined;
  /** Asks the step to stop: its `signal` aborts with the error. */
  abort(error: SerializedError): void;
  /** Stops the step's code for good. `outcome` settles at once where the executor can really stop code. */
  kill(error: SerializedError): void;
}

/** Where steps run. */
export interface Executor {
  readonly name: ExecutorName;
  start(assignment: Assignment, host: StepHost): Attempt;
  /** Gets ready for steps to come, without waiting. */
  prepare(steps: number): void;
  /** Stops everything; bounded in time. */
  close(): Promise<void>;
}

/** What a service prints, and that it ended although nobody had asked it to. */
export type ServiceRemark =
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'ended'; readonly exitCode: number | null; readonly message: string };

/** Processes that runs share which follow one another, so that services can outlive a run. */
export interface KeptServices {
  readonly processes: Processes;
  /** Hears what services say: set by the run that is under way. */
  hear: ((owner: string, remark: ServiceRemark) => void) | undefined;
  /** Hands on what a service says, to the run that is under way or to whoever keeps the services. */
  say(owner: string, remark: ServiceRemark): void;
}

/** What becomes of a command, for the engine: it may want output as it arrives, and it may have to do with a service. */
export interface CommandListener extends ExecListener {
  output?(stream: 'stdout' | 'stderr', text: string): void;
  /** It was to serve the steps that follow, and has ended although nobody had asked it to; the message says how. */
  endedByItself?(exitCode: number | null, message: string): void;
}

/** What is to be stopped at the end of a step. */
export interface StepEnd {
  /** Only a step that passed leaves services to the steps that follow. */
  readonly passed: boolean;
  /** Look for processes that left their group, too. */
  readonly sweep: boolean;
}

/** The processes of one run: started for steps, marked, and stopped with all that they started. */
export interface Processes {
  /** What the marks are made of: the run's id, or that of the session whose runs share services. */
  readonly id: string;
  /** Variables that mark what a step starts by itself. */
  environment(owner: string): Environment;
  exec(owner: string, request: ExecRequest, listener: CommandListener): () => void;
  /** Stops what the step's commands left. */
  endStep(owner: string, options?: StepEnd): Promise<void>;
  /** Whether a service that the owner started still runs. */
  serves(owner: string): Promise<boolean>;
  /** Stops the services of an owner; settles when they are gone. */
  endServices(owner: string): Promise<void>;
  /**
   * Stops everything, services included; settles when all are gone.
   *
   * @param keeps - owners whose services stay, for a run to come; there can be one only then. Default: none.
   */
  endRun(keeps?: (owner: string) => boolean): Promise<void>;
  /** Kills everything at once, synchronously. */
  killNow(): void;
}
