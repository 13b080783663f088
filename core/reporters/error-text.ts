import type { SerializedError } from '../contract/errors.ts';
import type { TestResult } from '../contract/events.ts';
import { projectFrames } from '../contract/stack-frames.ts';
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
  const frames = framesOf(stack, cwd, location);
  if (frames !== '') lines.push('', frames);
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

/** Why a test case failed: its message, and what was compared. */
export function testMessage({ error }: TestResult): string {
  const lines = [tame(error?.message ?? 'failed', false).trimEnd()];
  if (error?.expected !== undefined || error?.actual !== undefined) {
    lines.push('', `Expected: ${tame(error.expected ?? '—', false)}`, `Actual:   ${tame(error.actual ?? '—', false)}`);
  }
  return lines.join('\n').trimEnd();
}

/** {@link testMessage}, with the place and the stack. */
export function testErrorText(test: TestResult, cwd: string): string {
  const { error, location } = test;
  const lines = [testMessage(test)];
  if (location !== undefined) lines.push('', oneLine(`${location.file}:${location.line}:${location.column}`));
  const frames = framesOf(error?.stack, cwd, location);
  if (frames !== '') lines.push('', frames);
  return lines.join('\n');
}

/**
 * The frames of a stack that lie in the project, with paths as they are there; the message before them stands elsewhere already, and so
 * does the place of an error that nothing else led to.
 */
export function framesOf(stack: string | undefined, cwd: string, location?: SourceLocation): string {
  const frames = projectFrames(stack, cwd);
  const [only] = frames;
  if (location !== undefined && frames.length === 1 && only?.file === location.file && only.line === location.line) return '';
  return tame(frames.map(({ text }) => text).join('\n'), false).trimEnd();
}
