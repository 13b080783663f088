import { errorCodes, isTreadleError, TreadleError, type ExitCode } from '../contract/errors.ts';
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
  const text = renderError(ours, { color: console.err.color, columns: console.err.columns, cwd });
  console.err.write(withoutSecrets(text, process.env));
  return errorCodes[ours.code].exitCode;
}
