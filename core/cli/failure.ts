import { errorCodes, isTreadleError, TreadleError, type ExitCode } from '../contract/errors.ts';
import type { ShownError } from '../reporters/render-error.ts';
import type { Console } from './console.ts';

/** An error as one of ours: whatever has no code of ours is a bug of ours. */
export function asTreadleError(error: unknown): TreadleError {
  if (isTreadleError(error)) return error;
  return new TreadleError('E_INTERNAL', error instanceof Error ? (error.stack ?? error.message) : String(error), { cause: error });
}

/**
 * Shows an error on standard error and says what to exit with.
 *
 * @param cwd - the folder that the error's places are relative to: the project's
 */
export async function showFailure(error: unknown, console: Console, cwd: string): Promise<ExitCode> {
  const ours = asTreadleError(error);
  const { renderError } = await import('../reporters/render-error.ts');
  const { withoutSecrets } = await import('../secrets/without-secrets.ts');
  const mask = (text: string): string => withoutSecrets(text, process.env);
  const { color, columns, isTerminal } = console.err;
  // Before lines are broken, which could be within a secret; and after it, for the code around the place.
  console.err.write(mask(renderError(masked(ours, mask), { color, columns, wraps: isTerminal, cwd })));
  return errorCodes[ours.code].exitCode;
}

function masked({ code, message, hint, location, errors }: ShownError, mask: (text: string) => string): ShownError {
  return {
    code,
    message: mask(message),
    hint: hint === undefined ? undefined : mask(hint),
    location,
    errors: errors?.map((inner) => ({ ...inner, ...masked(inner, mask) })),
  };
}
