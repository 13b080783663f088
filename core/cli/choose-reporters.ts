import { basename, resolve } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { suggest } from '../model/suggest.ts';
import { ciSystemOf } from '../reporters/ci-system.ts';
import { reporterNames } from '../reporters/registry.ts';
import type { Console } from './console.ts';
import { findReporter } from './custom-reporter.ts';
import type { Environment } from './terminal.ts';

/** A reporter, and where it writes to. */
export interface ReporterChoice {
  readonly name: string;
  /** The module of one that is not built in, absolute. */
  readonly entry?: string;
  /** Absolute; absent: standard output. */
  readonly file?: string;
}

/** What the choice depends on. */
export interface ReporterSurroundings {
  readonly known: readonly string[];
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  readonly ci: boolean;
  readonly env: Environment;
  /** Files are relative to it. */
  readonly cwd: string;
}

function parseChoice(text: string, { known, cwd }: ReporterSurroundings): ReporterChoice {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const file = at < 0 ? undefined : text.slice(at + 1);
  const entry = known.includes(name) ? undefined : findReporter(name, cwd);
  if (entry === undefined && !known.includes(name)) {
    const near = suggest(name, known);
    const all = `Reporters are ${known.join(', ')}, files such as ./reporter.ts, and packages treadle-reporter-NAME that are installed.`;
    throw new TreadleError('E_USAGE', `There is no reporter "${name}".`, {
      hint: near === undefined ? all : `Did you mean "${near}"? ${all}`,
    });
  }
  if (file === '')
    throw new TreadleError('E_USAGE', `--reporter ${text} names no file.`, {
      hint: `Such as --reporter ${name}=out/${basename(name)}.txt.`,
    });
  return { name, ...(entry === undefined ? {} : { entry }), ...(file === undefined ? {} : { file: resolve(cwd, file) }) };
}

/** The reporters that a command line asks for; see {@link chooseReporters}. */
export function reportersFor(specs: readonly string[] | undefined, console: Console, cwd: string): readonly ReporterChoice[] {
  const { out, ci, env } = console;
  return chooseReporters(specs ?? [], { known: reporterNames, isTerminal: out.isTerminal, ci, env, cwd });
}

function defaultReporter({ isTerminal, ci, env }: ReporterSurroundings): string {
  if (ciSystemOf(env) === 'github') return 'github';
  return isTerminal && !ci ? 'tree' : 'line';
}

/**
 * The reporters that `--reporter` asks for, else the one for these surroundings: `github` in GitHub Actions, the live tree
 * on a terminal, and lines anywhere else.
 *
 * @throws `E_USAGE` for an unknown reporter, or two that would write to the same place
 */
export function chooseReporters(specs: readonly string[], surroundings: ReporterSurroundings): readonly ReporterChoice[] {
  if (specs.length === 0) return [{ name: defaultReporter(surroundings) }];
  const all = specs.map((spec) => parseChoice(spec, surroundings));
  // What `line` writes is part of what `github` does.
  const hasGithub = all.some(({ name, file }) => name === 'github' && file === undefined);
  const choices = hasGithub ? all.filter(({ name, file }) => name !== 'line' || file !== undefined) : all;
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
