import type { SerializedError } from '../contract/errors.ts';
import type { TestResult } from '../contract/events.ts';
import type { SourceLocation } from '../contract/status.ts';
import { codeFrame } from './code-frame.ts';
import { oneLine, painter, tame } from './style.ts';

const columns = 120;

/** An error for reports: its message first, then the place with the code around it, the way out, the stack and what lies behind. */
export function errorText(error: SerializedError, cwd: string, above?: SourceLocation): string {
  const message = tame(error.message, false);
  const lines = [message === '' ? error.name : message];
  const { location, stack } = error;
  if (location !== undefined && !isSameLine(location, above)) {
    lines.push('', oneLine(`${location.file}:${location.line}:${location.column}`));
    const frame = codeFrame(location, cwd, painter(false), columns);
    if (frame !== undefined) lines.push(frame);
  }
  if (error.hint !== undefined) lines.push('', `Hint: ${tame(error.hint, false)}`);
  if (stack !== undefined && error.code !== 'E_TIMEOUT') lines.push('', framesOf(stack));
  for (const inner of error.errors ?? []) lines.push('', errorText(inner, cwd));
  if (error.cause !== undefined) lines.push('', `Caused by ${error.cause.name}: ${errorText(error.cause, cwd, location)}`);
  return lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd();
}

/** Whether two places are in one line: what is shown of it need not be shown twice. */
export function isSameLine(one: SourceLocation | undefined, other: SourceLocation | undefined): boolean {
  return one !== undefined && other !== undefined && one.file === other.file && one.line === other.line;
}

/** Why a test case failed. */
export function testErrorText({ error, location }: TestResult): string {
  const lines = [tame(error?.message ?? 'failed', false).trimEnd()];
  if (error?.expected !== undefined || error?.actual !== undefined) {
    lines.push('', `Expected: ${tame(error.expected ?? '—', false)}`, `Actual:   ${tame(error.actual ?? '—', false)}`);
  }
  if (location !== undefined) lines.push('', oneLine(`${location.file}:${location.line}:${location.column}`));
  if (error?.stack !== undefined) lines.push('', framesOf(error.stack));
  return lines.join('\n').trimEnd();
}

/** The frames of a stack that lead to the project's code; the message before them stands elsewhere already. */
export function framesOf(stack: string): string {
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line) && !/\/node_modules\/treadle\/|[( ]node:internal\//.test(line));
  return tame(frames.join('\n'), false).trimEnd();
}
