import { resolve } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { suggest } from '../model/suggest.ts';

/** A reporter, and where it writes to. */
export interface ReporterChoice {
  readonly name: string;
  /** Absolute; absent: standard output. */
  readonly file?: string;
}

/** What the choice depends on. */
export interface ReporterSurroundings {
  readonly known: readonly string[];
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  readonly ci: boolean;
  /** Files are relative to it. */
  readonly cwd: string;
}

function parseChoice(text: string, { known, cwd }: ReporterSurroundings): ReporterChoice {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const file = at < 0 ? undefined : text.slice(at + 1);
  if (!known.includes(name)) {
    const near = suggest(name, known);
    const all = `Reporters are ${known.join(', ')}.`;
    throw new TreadleError('E_USAGE', `There is no reporter "${name}".`, {
      hint: near === undefined ? all : `Did you mean "${near}"? ${all}`,
    });
  }
  if (file === '')
    throw new TreadleError('E_USAGE', `--reporter ${text} names no file.`, { hint: `Such as --reporter ${name}=out/${name}.txt.` });
  return file === undefined ? { name } : { name, file: resolve(cwd, file) };
}

/**
 * The reporters that `--reporter` asks for, else the live tree on a terminal and lines anywhere else.
 *
 * @throws `E_USAGE` for an unknown reporter, or two that would write to the same place
 */
export function chooseReporters(specs: readonly string[], surroundings: ReporterSurroundings): readonly ReporterChoice[] {
  if (specs.length === 0) return [{ name: surroundings.isTerminal && !surroundings.ci ? 'tree' : 'line' }];
  const choices = specs.map((spec) => parseChoice(spec, surroundings));
  const taken = new Map<string, string>();
  for (const { name, file } of choices) {
    const place = file ?? 'standard output';
    const other = taken.get(place);
    if (other !== undefined) {
      throw new TreadleError('E_USAGE', `The reporters "${other}" and "${name}" would both write to ${place}.`, {
        hint: `Give one a file of its own: --reporter ${name}=FILE.`,
      });
    }
    taken.set(place, name);
  }
  return choices;
}
