import { TreadleError, type ErrorCode, type SerializedError } from '../contract/errors.ts';
import type { SourceLocation } from '../contract/status.ts';

/** One thing that is wrong with what somebody wrote. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly stepId?: string | undefined;
  readonly location?: SourceLocation | undefined;
}

/**
 * One error for all problems: a single one stays itself; several become `errors` of one,
 * which has their code where they share it.
 */
export function problemsError(what: string, problems: readonly [Problem, ...Problem[]]): TreadleError {
  const [first, ...others] = problems;
  if (others.length === 0) return new TreadleError(first.code, first.message, detailsOf(first));
  const code = others.every((problem) => problem.code === first.code) ? first.code : 'E_CONFIG_INVALID';
  return new TreadleError(code, `${what} has ${problems.length} problems.`, {
    hint: problems.every(({ location }) => location !== undefined) ? 'Each is listed with its place.' : 'All of them are listed.',
    ...(first.location === undefined ? {} : { location: first.location }),
    errors: problems.map(serialise),
  });
}

function serialise(problem: Problem): SerializedError {
  const error = new TreadleError(problem.code, problem.message, detailsOf(problem));
  return {
    code: error.code,
    name: error.name,
    message: error.message,
    ...detailsOf(problem),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}

function detailsOf({ hint, stepId, location }: Problem): { hint?: string; stepId?: string; location?: SourceLocation } {
  return {
    ...(hint === undefined ? {} : { hint }),
    ...(stepId === undefined ? {} : { stepId }),
    ...(location === undefined ? {} : { location }),
  };
}
