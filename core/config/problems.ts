import { serializeError } from '../context/errors.ts';
import { type ErrorCode, TreadleError } from '../contract/errors.ts';

/**
 * Makes one error of all problems that were found, so that people see them together.
 * A single one stays itself; several become `errors` of one that has their code, where they share one.
 */
export function joinProblems(problems: readonly TreadleError[], file: string): TreadleError | undefined {
  const [first, ...others] = problems.flatMap(separate);
  if (first === undefined || others.length === 0) return problems[0];
  const all = [first, ...others];
  const code: ErrorCode = others.every((problem) => problem.code === first.code) ? first.code : 'E_CONFIG_INVALID';
  return new TreadleError(code, `${file} has ${all.length} problems.`, {
    hint: 'Each is listed with its place.',
    ...(first.location === undefined ? {} : { location: first.location }),
    errors: all.map((problem) => serializeError(problem)),
  });
}

/** Problems that were collected before, one by one again. */
function separate(problem: TreadleError): readonly TreadleError[] {
  if (problem.errors === undefined || problem.errors.length === 0) return [problem];
  return problem.errors.map(
    ({ code, message, hint, stepId, location }) =>
      new TreadleError(code, message, {
        ...(hint === undefined ? {} : { hint }),
        ...(stepId === undefined ? {} : { stepId }),
        ...(location === undefined ? {} : { location }),
      }),
  );
}
