import { isTreadleError, TreadleError } from '../contract/errors.ts';
import { suggest } from '../model/suggest.ts';

/**
 * A word that is neither a command nor a pipeline: says so in one breath, because whoever wrote `treadle lst` did not
 * think of pipelines. Other errors are returned as they are.
 *
 * @param steps - ids of steps: whoever wrote `treadle lint` may have meant one
 */
export function explainUnknown(
  error: unknown,
  word: string | undefined,
  commands: readonly string[],
  steps: ReadonlySet<string> = new Set(),
): unknown {
  if (word === undefined || !isTreadleError(error)) return error;
  if (error.code !== 'E_PIPELINE_UNKNOWN' && error.code !== 'E_CONFIG_NOT_FOUND') return error;
  if (commands.includes(word)) {
    return new TreadleError('E_USAGE', `The command "${word}" must come first.`, { hint: `Write treadle ${word} before any options.` });
  }
  const near = suggest(word, commands);
  const isPipelineProblem = error.code === 'E_PIPELINE_UNKNOWN';
  if (near === undefined && !isPipelineProblem) return error;
  const hints = [
    ...(steps.has(word) ? [`There is a step of that name: treadle run --only ${/\s/.test(word) ? `"${word}"` : word}.`] : []),
    ...(near === undefined ? [] : [`Did you mean the command "${near}"?`]),
    ...(isPipelineProblem && error.hint !== undefined ? [error.hint] : []),
  ];
  return new TreadleError(isPipelineProblem ? 'E_PIPELINE_UNKNOWN' : 'E_USAGE', `There is no command or pipeline "${word}".`, {
    hint: hints.join(' '),
  });
}
