import type { TreadleError } from '../contract/errors.ts';
import { type Problem, problemsError } from '../model/problem.ts';

/** One error for all that is wrong with a pipeline file, in the order of its lines; `undefined` for no problems. */
export function joinProblems(errors: readonly TreadleError[], file: string): TreadleError | undefined {
  const [first, ...others] = errors.flatMap(separate).toSorted(byPlace);
  if (first === undefined) return undefined;
  // A single error stays itself, with its cause.
  return others.length === 0 ? errors[0] : problemsError(file, [first, ...others]);
}

/** Problems that were collected before, one by one again. */
function separate(error: TreadleError): readonly Problem[] {
  return error.errors === undefined || error.errors.length === 0 ? [error] : error.errors;
}

function byPlace({ location: left }: Problem, { location: right }: Problem): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}
