import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { hintOf, isTreadleError, TreadleError, type ErrorCode, type SerializedError } from '../contract/errors.ts';
import type { JsonValue } from '../contract/json.ts';
import type { SourceLocation } from '../contract/status.ts';

/** What {@link serializeError} may be told. */
export interface ErrorAbout {
  /** For errors that are not Treadle's own. Default: `E_STEP_FAILED`. */
  readonly code?: ErrorCode;
  readonly stepId?: string;
  /** The project's folder: the first stack frame in its own code becomes the location. */
  readonly root?: string;
}

const textLimit = 20_000;
const depthLimit = 8;
const ownFields = new Set(['name', 'message', 'stack', 'cause', 'errors', 'code', 'hint', 'stepId', 'location', 'props']);

/** Makes plain JSON of whatever was thrown. Never throws itself. */
export function serializeError(thrown: unknown, about: ErrorAbout = {}): SerializedError {
  return serialize(thrown, about, [], true);
}

/** An error with the code, message and hint of a serialised one, to throw or to abort with. */
export function reviveError(error: SerializedError): TreadleError {
  const { hint, stepId, location, errors, props } = error;
  const revived = new TreadleError(error.code, error.message, {
    ...(hint === undefined ? {} : { hint }),
    ...(stepId === undefined ? {} : { stepId }),
    ...(location === undefined ? {} : { location }),
    ...(errors === undefined ? {} : { errors }),
    ...(props === undefined ? {} : { props }),
    ...(error.cause === undefined ? {} : { cause: reviveError(error.cause) }),
  });
  if (error.stack !== undefined) revived.stack = error.stack;
  return revived;
}

function serialize(thrown: unknown, about: ErrorAbout, above: readonly unknown[], outermost: boolean): SerializedError {
  const stepId = about.stepId === undefined ? {} : { stepId: about.stepId };
  if (typeof thrown !== 'object' || thrown === null || !looksLikeError(thrown)) {
    return {
      code: about.code ?? 'E_STEP_FAILED',
      name: 'Error',
      message: `Threw ${bounded(quietly(() => inspect(thrown, { depth: 3 }), 'a value'))}`,
      ...stepId,
    };
  }
  const own = isTreadleError(thrown) ? thrown : undefined;
  const code = own?.code ?? about.code ?? 'E_STEP_FAILED';
  const hint = own?.hint ?? hintOf(code);
  const stack = text(thrown, 'stack');
  const cause = quietly(() => Reflect.get(thrown, 'cause'), undefined);
  const errors = own?.errors ?? aggregated(thrown, about, above);
  const props = own === undefined ? propsOf(thrown) : own.props;
  const location = own?.location ?? (outermost ? locate(deepestStack(thrown, stack), about.root) : undefined);
  const nested = cause !== undefined && above.length < depthLimit && !above.includes(cause);
  return {
    code,
    message: text(thrown, 'message') ?? '',
    ...(own?.stepId === undefined ? stepId : { stepId: own.stepId }),
    ...(hint === undefined ? {} : { hint }),
    name: text(thrown, 'name') ?? 'Error',
    ...(stack === undefined ? {} : { stack }),
    ...(location === undefined ? {} : { location }),
    ...(props === undefined ? {} : { props }),
    ...(nested ? { cause: serialize(cause, { ...about, code: about.code ?? 'E_STEP_FAILED' }, [...above, thrown], false) } : {}),
    ...(errors === undefined ? {} : { errors }),
  };
}

function looksLikeError(value: object): boolean {
  return quietly(() => value instanceof Error || ('message' in value && 'stack' in value), false);
}

/** Where an error wraps another one, the place of the inner one says more. */
function deepestStack(thrown: object, stack: string | undefined): string | undefined {
  const cause: unknown = isTreadleError(thrown) ? thrown.cause : undefined;
  return typeof cause === 'object' && cause !== null ? (text(cause, 'stack') ?? stack) : stack;
}

function aggregated(thrown: object, about: ErrorAbout, above: readonly unknown[]): readonly SerializedError[] | undefined {
  const errors = quietly(() => Reflect.get(thrown, 'errors'), undefined);
  if (!Array.isArray(errors) || above.length >= depthLimit || above.includes(thrown)) return undefined;
  return errors.slice(0, 100).map((error) => serialize(error, about, [...above, thrown], false));
}

function propsOf(thrown: object): { readonly [key: string]: JsonValue } | undefined {
  const props: Record<string, JsonValue> = {};
  for (const key of quietly(() => Object.keys(thrown), [])) {
    if (ownFields.has(key) && key !== 'code') continue;
    const value = plain(
      quietly(() => Reflect.get(thrown, key), undefined),
      0,
    );
    if (value !== undefined) Object.defineProperty(props, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return Object.keys(props).length === 0 ? undefined : props;
}

function plain(value: unknown, depth: number): JsonValue | undefined {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return bounded(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'function' || typeof value === 'symbol' || value === undefined) return undefined;
  const json = depth > 0 ? undefined : quietly(() => JSON.stringify(value), undefined);
  if (json !== undefined && json.length <= textLimit) return JSON.parse(json);
  return bounded(quietly(() => inspect(value, { depth: 2, breakLength: Infinity }), '[unreadable]'));
}

function text(thrown: object, key: string): string | undefined {
  const value = quietly(() => Reflect.get(thrown, key), undefined);
  return value === undefined ? undefined : bounded(quietly(() => String(value), ''));
}

function bounded(value: string): string {
  return value.length <= textLimit ? value : `${value.slice(0, textLimit)}… (${value.length - textLimit} more characters)`;
}

function quietly<T>(body: () => T, otherwise: T): T {
  try {
    return body();
  } catch {
    return otherwise;
  }
}

function locate(stack: string | undefined, root: string | undefined): SourceLocation | undefined {
  if (stack === undefined || root === undefined) return undefined;
  for (const frame of stack.split('\n')) {
    const match = /(?:\(|at (?:async )?)((?:file:\/\/)?[^\s()]+):(\d+):(\d+)\)?$/.exec(frame.trim());
    const [, place = '', line = '', column = ''] = match ?? [];
    if (place === '') continue;
    const file = quietly(() => (place.startsWith('file:') ? fileURLToPath(place) : place), '');
    if (!isAbsolute(file) || isOwn(file)) continue;
    const inside = relative(root, file).replaceAll('\\', '/');
    if (inside.startsWith('..') || isAbsolute(inside) || /(^|\/)(node_modules|\.treadle)\//.test(inside)) continue;
    return { file: inside, line: Number(line), column: Number(column) };
  }
  return undefined;
}

/** Where Treadle itself lies: the bundle in `dist/`, or its sources. */
const ownFolders = ownFolderUrls().map((path) => fileURLToPath(new URL(path, import.meta.url)));

function ownFolderUrls(): readonly string[] {
  if (import.meta.url.endsWith('.ts')) return ['../', '../../plugins/'];
  // In a chunk the bundle's folder is the one above.
  return import.meta.url.includes('/chunks/') ? ['../'] : ['./'];
}

/** A frame of Treadle's own code says nothing about the project. */
function isOwn(file: string): boolean {
  return ownFolders.some((folder) => file.startsWith(folder));
}
