/** One line of a problem, as in VS Code's tasks.json: a regular expression and what its groups hold. */
export interface ProblemPattern {
  readonly regexp: string;
  readonly kind?: 'location' | 'file' | undefined;
  readonly file?: number | undefined;
  readonly location?: number | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly endLine?: number | undefined;
  readonly endColumn?: number | undefined;
  readonly severity?: number | undefined;
  readonly code?: number | undefined;
  readonly message?: number | undefined;
  readonly loop?: boolean | undefined;
}

type Relative = 'relative' | 'autoDetect';

/** A problem matcher, as in VS Code's tasks.json. */
export interface ProblemMatcherObject {
  readonly base?: string | undefined;
  readonly owner?: string | undefined;
  readonly source?: string | undefined;
  readonly severity?: 'error' | 'warning' | 'info' | undefined;
  readonly fileLocation?: Relative | 'absolute' | readonly [Relative, string] | readonly ['absolute'] | undefined;
  readonly pattern?: string | ProblemPattern | readonly ProblemPattern[] | undefined;
}

/** A named matcher, a matcher of one's own, or several of these. */
export type ProblemMatcherOption = string | ProblemMatcherObject | readonly (string | ProblemMatcherObject)[];
