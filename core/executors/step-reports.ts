import { formatWithOptions } from 'node:util';
import type { Diagnostic, TestError, TestResult } from '../contract/events.ts';
import type { SourceLocation } from '../contract/status.ts';

// What steps say becomes events, which every reporter, the editor and kept runs rely on. Code that no compiler has checked may
// say anything: so it is checked here, where the error leads to the line that said it.

/** What is meant for people may be any value: an error is shown by its message, other values as `console.log` shows them. */
export function messageOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const text: unknown = value instanceof Error ? value.message : undefined;
  return typeof text === 'string' ? text : formatWithOptions({ colors: false }, value);
}

/** @throws a `TypeError` that names what is wrong with it. */
export function checkAttachment(name: unknown, content: unknown): void {
  if (typeof name !== 'string' || name === '') throw new TypeError(`context.attach: the name must be a text, not ${kindOf(name)}.`);
  if (typeof content === 'string' || content instanceof Uint8Array) return;
  throw new TypeError(`context.attach: the content must be a text or bytes (Uint8Array), not ${kindOf(content)}.`);
}

/** @throws a `TypeError` that names what is wrong with it. */
export function checkedDiagnostic(said: unknown): Diagnostic {
  const problem = new Said('context.diagnostic', said);
  const endLine = problem.optional('endLine', problem.place);
  const endColumn = problem.optional('endColumn', problem.place);
  const code = problem.optional('code', problem.text);
  return {
    ...locationOf(problem),
    ...(endLine === undefined ? {} : { endLine }),
    ...(endColumn === undefined ? {} : { endColumn }),
    severity: problem.oneOf('severity', ['error', 'warning', 'info']),
    message: problem.text('message'),
    source: problem.text('source'),
    ...(code === undefined ? {} : { code }),
  };
}

/** @throws a `TypeError` that names what is wrong with it. */
export function checkedTest(said: unknown): TestResult {
  const result = new Said('context.test', said);
  const error = result.optional('error', result.object);
  const location = result.optional('location', result.object);
  return {
    name: result.text('name'),
    path: result.texts('path'),
    status: result.oneOf('status', ['passed', 'failed', 'skipped', 'todo']),
    durationMs: result.number('durationMs'),
    ...(error === undefined ? {} : { error: testErrorOf(error) }),
    ...(location === undefined ? {} : { location: locationOf(location) }),
  };
}

function testErrorOf(error: Said): TestError {
  const name = error.optional('name', error.text);
  const stack = error.optional('stack', error.text);
  const expected = error.optional('expected', error.text);
  const actual = error.optional('actual', error.text);
  return {
    ...(name === undefined ? {} : { name }),
    message: error.text('message'),
    ...(stack === undefined ? {} : { stack }),
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  };
}

function locationOf(place: Said): SourceLocation {
  return { file: place.text('file'), line: place.place('line'), column: place.place('column') };
}

/** An object that a step said, by the name that its error gives it. */
class Said {
  private readonly name: string;
  private readonly value: object;

  constructor(name: string, value: unknown) {
    this.name = name;
    if (typeof value !== 'object' || value === null) throw new TypeError(`${name} must be given an object, not ${kindOf(value)}.`);
    this.value = value;
  }

  readonly text = (key: string): string => {
    const value = this.get(key);
    return typeof value === 'string' ? value : this.refuse(key, 'a text');
  };

  readonly texts = (key: string): readonly string[] => {
    const value: unknown = this.get(key);
    const isText = (item: unknown): item is string => typeof item === 'string';
    return Array.isArray(value) && value.every(isText) ? value : this.refuse(key, 'a list of texts');
  };

  readonly number = (key: string): number => {
    const value = this.get(key);
    return typeof value === 'number' && Number.isFinite(value) ? value : this.refuse(key, 'a number');
  };

  /** Lines and columns count from 1; tools that count from 0, or know none, mean the first. */
  readonly place = (key: string): number => Math.max(1, Math.trunc(this.number(key)));

  readonly object = (key: string): Said => new Said(`${this.name}: ${key}`, this.get(key));

  oneOf<Word extends string>(key: string, words: readonly Word[]): Word {
    const value = this.get(key);
    return words.find((word) => word === value) ?? this.refuse(key, `one of ${words.join(', ')}`);
  }

  optional<Value>(key: string, read: (key: string) => Value): Value | undefined {
    const value = this.get(key);
    return value === undefined || value === null ? undefined : read(key);
  }

  private get(key: string): unknown {
    return Reflect.get(this.value, key);
  }

  private refuse(key: string, wanted: string): never {
    throw new TypeError(`${this.name}: ${key} must be ${wanted}, not ${kindOf(this.get(key))}.`);
  }
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value);
}
