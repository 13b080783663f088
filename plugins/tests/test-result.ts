import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { SourceLocation, TestError, TestResult } from '../../core/index.ts';
import { projectFile } from '../project-path.ts';
import type { ReportedTest } from './report-reader.ts';

/** Where a test run takes place. */
export interface TestPlace {
  /** The project's folder. */
  readonly root: string;
  readonly cwd: string;
}

/** A reported test case with plain texts, and with its place in the project's own files. */
export function toTestResult(test: ReportedTest, place: TestPlace): TestResult {
  const { name, path, status, durationMs, error } = test;
  const location = test.location === undefined ? locationInStack(error?.stack, place) : ownLocation(test.location, place);
  return {
    name: plain(name),
    path: path.map(plain),
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    ...(error === undefined ? (status === 'failed' ? { error: { message: 'failed' } } : {}) : { error: plainError(error) }),
    ...(location === undefined ? {} : { location }),
  };
}

function plain(text: string): string {
  return stripVTControlCharacters(text);
}

function plainError({ name, message, stack, expected, actual }: TestError): TestError {
  return {
    ...(name === undefined ? {} : { name: plain(name) }),
    message: plain(message).trimEnd(),
    ...(stack === undefined ? {} : { stack: plain(stack) }),
    ...(expected === undefined ? {} : { expected: plain(expected) }),
    ...(actual === undefined ? {} : { actual: plain(actual) }),
  };
}

function ownLocation({ file, line, column }: SourceLocation, place: TestPlace): SourceLocation {
  return { file: projectFile(place.root, absoluteFile(file, place)), line, column };
}

/** The first frame of a stack that lies in the project's own code. */
function locationInStack(stack: string | undefined, place: TestPlace): SourceLocation | undefined {
  if (stack === undefined) return undefined;
  for (const match of plain(stack).matchAll(
    /(?:at |\(|❯ |^)(?<file>(?:file:\/\/|[A-Za-z]:[\\/])?[^\s():]+):(?<line>\d+):(?<column>\d+)\)?$/gm,
  )) {
    const { file = '', line, column } = match.groups ?? {};
    if (/^node:|[\\/]node_modules[\\/]/.test(file)) continue;
    const own = projectFile(place.root, absoluteFile(file, place));
    if (own.startsWith('/') || /^[A-Za-z]:/.test(own)) continue;
    return { file: own, line: Number(line), column: Number(column) };
  }
  return undefined;
}

function absoluteFile(file: string, { cwd }: TestPlace): string {
  if (!file.startsWith('file://')) return resolve(cwd, file);
  return URL.canParse(file) ? fileURLToPath(file) : file;
}
