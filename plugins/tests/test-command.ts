import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOption, showCommand } from '../command-options.ts';
import type { ReportFormat } from './detect-format.ts';
import { findRunner, reportSetup, type Runner } from './runners.ts';

/** A command that reports its test cases. */
export interface TestCommand {
  readonly command: CommandOption;
  /** Added to NODE_OPTIONS. */
  readonly nodeOptions?: string;
  /** The format of its report, where that is known. */
  readonly format?: ReportFormat;
}

/** Where a command runs, and which runner it is said to start: `auto` looks at it, `none` leaves it as it is. */
export interface TestCommandPlace {
  readonly cwd: string;
  readonly runner: Runner | 'auto' | 'none';
}

/** Makes a command report to Treadle: adds what its runner needs, unless the command chooses a report itself. */
export function toTestCommand(command: CommandOption, { cwd, runner: wanted }: TestCommandPlace): TestCommand {
  if (wanted === 'none') return { command };
  const line = showCommand(command);
  const script = packageScript(line, cwd);
  const last = lastCommand(script?.text ?? line);
  const found = last === undefined ? undefined : findRunner(last);
  const runner = wanted === 'auto' ? found?.runner : wanted;
  if (runner === undefined || found?.choosesReport === true) return { command };
  const setup = reportSetup(runner);
  const words = script?.separator === true && !/\s--(?:\s|$)/.test(line) ? ['--', ...setup.arguments] : setup.arguments;
  return {
    command: setup.arguments.length === 0 ? command : append(command, words),
    format: setup.format,
    ...(setup.nodeOptions === undefined ? {} : { nodeOptions: setup.nodeOptions }),
  };
}

/** The script of package.json that a command runs. */
interface PackageScript {
  /** With the arguments that the command adds. */
  readonly text: string;
  /** Whether further arguments need `--` before them. */
  readonly separator: boolean;
}

const scriptCommand = /^(?<manager>npm|pnpm|yarn|bun)\s+(?:run(?:-script)?\s+|(?=test\b|t\b))(?:-\S+\s+)*(?<name>[\w:.@/-]+)/;

function packageScript(line: string, cwd: string): PackageScript | undefined {
  const match = scriptCommand.exec(line);
  const { manager, name } = match?.groups ?? {};
  if (match === null || manager === undefined || name === undefined) return undefined;
  const text = scriptsOf(cwd)[name === 't' ? 'test' : name];
  if (typeof text !== 'string') return undefined;
  const own = line.slice(match[0].length).replace(/(?:^|\s)--(?=\s)/, '');
  return { text: `${text}${own}`, separator: manager === 'npm' };
}

function scriptsOf(cwd: string): Readonly<Record<string, unknown>> {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
    const scripts = typeof manifest === 'object' && manifest !== null && 'scripts' in manifest ? manifest.scripts : undefined;
    return typeof scripts === 'object' && scripts !== null ? { ...scripts } : {};
  } catch {
    // The package manager itself says what is wrong with it.
    return {};
  }
}

/** The command of a shell line that arguments at its end belong to, unless the line is more than a chain. */
function lastCommand(line: string): string | undefined {
  const last = line.split(/&&|;/).at(-1)?.trim() ?? '';
  return /[|<>&()`]/.test(last) ? undefined : last;
}

function append(command: CommandOption, words: readonly string[]): CommandOption {
  return typeof command === 'string' ? [command.trimEnd(), ...words.map(quote)].join(' ') : [...command, ...words];
}

function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return process.platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
