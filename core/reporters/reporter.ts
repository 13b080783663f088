import type { RunEvent } from '../contract/events.ts';
import type { CiSystem } from './ci-system.ts';

/** Why a run was stopped that still goes on. */
export interface StoppingRemark {
  /** Such as `Cancelled by SIGINT.` */
  readonly reason: string;
  /** The reason, what goes on, and what comes then, in sentences. */
  readonly text: string;
}

/** Shows the events of a run, in one format. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /** The run was stopped, and goes on for a while. The last remark holds. */
  onStopping?(remark: StoppingRemark): void;
  /** After `run:end`, or when the run was killed: writes what is left. */
  close?(): void | Promise<void>;
}

/** Where a reporter writes to. */
export interface ReporterOutput {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly color: boolean;
  /** Columns of the terminal; 80 where there is none. */
  columns(): number;
  rows(): number;
  /** Tells when the size has changed; the returned function stops that. */
  onResize?(listener: () => void): () => void;
}

/** What every reporter may need to know. */
export interface ReporterOptions {
  /** The project's folder, absolute: paths in events are relative to it, and source files are read from there. */
  readonly cwd: string;
  /** The folder of the repository, absolute: CI systems want paths relative to it. Default: the project's. */
  readonly repository?: string;
  /** Environment variables of the machine that writes the report. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The CI system whose log the output is. Default: none, as for a file. */
  readonly log?: CiSystem;
}

/** Makes a reporter of one format. */
export type ReporterFactory = (output: ReporterOutput, options: ReporterOptions) => Reporter;
