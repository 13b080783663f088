import type { ExecutorName } from '../contract/plan.ts';
import type { CiSystem } from '../init/ci-files.ts';
import type { ShardChoice } from './shard-option.ts';
import type { WhenBusy } from '../watch/rerun-loop.ts';

/** Options that every command takes. */
export interface GlobalFlags {
  readonly config?: string;
  readonly cwd?: string;
  /** Obeyed from the start, before anything else is read. */
  readonly color?: boolean;
}

/** Options of `treadle run`. */
export interface RunFlags extends GlobalFlags {
  readonly only?: readonly string[];
  readonly from?: string;
  readonly failed?: boolean;
  readonly affected?: boolean;
  readonly since?: string;
  readonly param?: readonly string[];
  readonly shard?: ShardChoice;
  readonly dryRun?: boolean;
  readonly concurrency?: number;
  readonly timeout?: string;
  readonly failFast?: boolean;
  readonly maxFailures?: number;
  readonly failOnFlaky?: boolean;
  readonly passWithNoSteps?: boolean;
  readonly executor?: ExecutorName;
  readonly reporter?: readonly string[];
  readonly trace?: string;
  readonly watch?: boolean;
  readonly recursive?: boolean;
  readonly packageWorkers?: number;
  /** False: `--no-cache`. */
  readonly cache?: boolean;
  readonly force?: boolean;
}

/** Options of `treadle watch`. */
export interface WatchFlags extends RunFlags {
  readonly whenBusy?: WhenBusy;
  readonly debounce?: string;
}

/** Options of the commands that list something. */
export interface ListFlags extends GlobalFlags {
  readonly json?: boolean;
}

/** Options of `treadle init`. */
export interface InitFlags extends GlobalFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly ci?: CiSystem;
  /** False: `--no-plugin`. */
  readonly plugin?: boolean;
}

/** Options of `treadle history`. */
export interface HistoryFlags extends ListFlags {
  readonly steps?: boolean;
  readonly limit?: number;
}

/** Options of `treadle report`. */
export interface ReportFlags extends GlobalFlags {
  readonly reporter?: readonly string[];
}

/** Options of `treadle merge-reports`. */
export interface MergeFlags extends ReportFlags {
  readonly keep?: boolean;
}

/** Options of `treadle explain`. */
export interface ExplainFlags extends ListFlags {
  readonly pipeline?: string;
}

/** Options of `treadle serve`. */
export interface ServeFlags extends GlobalFlags {
  readonly stdio?: boolean;
  readonly connect?: string;
}

/** Shells that `treadle completion` writes scripts for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The commands that there are; anything else is the name of a pipeline. */
export const commandNames = [
  'run',
  'watch',
  'list',
  'plugins',
  'init',
  'new',
  'completion',
  'serve',
  'cache',
  'explain',
  'history',
  'report',
  'merge-reports',
  'help',
] as const;
