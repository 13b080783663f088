import { stripVTControlCharacters } from 'node:util';
import type { ExecExit } from '../contract/executor.ts';

/** How a command ended, as in `exited with 2`. */
export function howItEnded({ exitCode, signal }: Pick<ExecExit, 'exitCode' | 'signal'>): string {
  return signal === null ? `exited with ${String(exitCode)}` : `was ended by ${signal}`;
}

/** The last lines that it wrote to stderr, or else to stdout. Empty when it wrote nothing. */
export function lastWords({ stdout, stderr }: Pick<ExecExit, 'stdout' | 'stderr'>, lines: number): string {
  const said = stderr.trim() === '' ? stdout : stderr;
  return stripVTControlCharacters(said).trimEnd().split(/\r?\n/).slice(-lines).join('\n');
}

/** A command for people. */
export function commandLine(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : command.join(' ');
}
