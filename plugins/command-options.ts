import { stripVTControlCharacters } from 'node:util';
import * as v from 'valibot';
import type { ExecOptions, ExecResult, PipelineContext } from '../core/index.ts';
import { insideProject } from './project-path.ts';

/** A command: a line for the shell, or a program with its arguments. */
export const command = v.union([v.pipe(v.string(), v.nonEmpty('the command is empty')), v.pipe(v.array(v.string()), v.minLength(1))]);

export type CommandOption = v.InferOutput<typeof command>;

/** Options that every plugin takes which runs a command. */
export const commandOptions = {
  command: v.pipe(command, v.description('A line for the shell, or a program and its arguments as a list.')),
  cwd: v.optional(v.pipe(v.string(), v.description('Folder to run in, relative to the project, inside it. Default: the project.'))),
  env: v.optional(
    v.pipe(v.record(v.string(), v.nullable(v.string())), v.description('Variables to add to the environment; null removes one.')),
  ),
};

interface CommandPlace {
  readonly cwd?: string | undefined;
  readonly env?: { readonly [name: string]: string | null } | undefined;
}

/**
 * What `context.exec` needs to know of {@link commandOptions}.
 *
 * @throws `E_PATH_OUTSIDE`.
 */
export function placeOf(
  context: PipelineContext,
  options: CommandPlace,
): { readonly cwd: string; readonly env: NonNullable<ExecOptions['env']> } {
  const env: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(options.env ?? {})) env[name] = value ?? undefined;
  return { cwd: options.cwd === undefined ? context.cwd : insideProject(context.cwd, options.cwd, 'cwd'), env };
}

/** A command as people write it. */
export function showCommand(value: CommandOption): string {
  if (typeof value === 'string') return value;
  return value.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}

/** How a command ended, as in `exited with 2`. */
export function showEnd(result: Pick<ExecResult, 'exitCode' | 'signal'>): string {
  return result.signal === null ? `exited with ${String(result.exitCode)}` : `was ended by ${result.signal}`;
}

/** Whether a shell said, in words of its own, that it does not find a program. */
export function isNotFound(result: Pick<ExecResult, 'exitCode' | 'stderr'>): boolean {
  return result.exitCode === 127 && /not found/.test(result.stderr);
}

/** The last lines that a command wrote to stderr, or else to stdout; indented, and starting with a line break when there are any. */
export function lastOutput(result: Pick<ExecResult, 'stdout' | 'stderr'>, count = 5): string {
  const said = result.stderr.trim() === '' ? result.stdout : result.stderr;
  const lines = stripVTControlCharacters(said).trimEnd().split(/\r?\n/).slice(-count);
  return lines.join('').trim() === '' ? '' : `\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
