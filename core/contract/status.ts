/** How a step, group or run ended. */
export type Status = 'passed' | 'failed' | 'timed-out' | 'cancelled' | 'skipped';

/** A place in a source file. Lines and columns count from 1, as editors show them. */
export interface SourceLocation {
  /** Relative to the project where the file lies inside it, else absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
