import { inspect } from 'node:util';
import { errorCodes, hintOf, TreadleError, type ErrorCode, type SerializedError } from '../contract/errors.ts';
import type { JsonValue } from '../contract/json.ts';
import { withWholeLines } from '../contract/stack-frames.ts';
import type { SourceLocation } from '../contract/status.ts';
import { boundedJson, type Bounds, boundedText, quietly } from './bounded-json.ts';
import { locateInStack } from './stack-location.ts';

/** What {@link serializeError} may be told. */
export interface ErrorAbout {
  /** For errors that are not Treadle's own. Default: `E_STEP_FAILED`. */
  readonly code?: ErrorCode;
  readonly stepId?: string;
  /** The project's folder: the first stack frame in its own code becomes the location. */
  readonly root?: string;
}

const textLimit = 20_000;
/** How many causes and parts of aggregates one error may bring along, in all and one below the other. */
const errorLimit = 100;
const depthLimit = 8;
const foreignBounds: Bounds = { characters: textLimit, values: 500, depth: 5 };
const ownBounds: Bounds = { characters: 1_000_000, values: 20_000, depth: 20 };
/** Fields of an error that have a place of their own. */
const knownFields: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** What errors were revived from, so that they can travel on as they came. */
const origins = new WeakMap<object, SerializedError>();

/**
 * Makes plain, bounded JSON of whatever was thrown. Never throws itself.
 *
 * @example
 * serializeError(new TypeError('no'), { stepId: 'build' }); // { code: 'E_STEP_FAILED', name: 'TypeError', … }
 */
export function serializeError(thrown: unknown, about: ErrorAbout = {}): SerializedError {
  return new Serialization(about).error(thrown, [], true);
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
  origins.set(revived, error);
  return revived;
}

class Serialization {
  private readonly about: ErrorAbout;
  private left = errorLimit;

  constructor(about: ErrorAbout) {
    this.about = about;
  }

  error(thrown: unknown, above: readonly unknown[], outermost: boolean): SerializedError {
    this.left -= 1;
    const { stepId } = this.about;
    const origin = typeof thrown === 'object' && thrown !== null ? origins.get(thrown) : undefined;
    if (origin !== undefined) return origin.stepId === undefined && stepId !== undefined ? { ...origin, stepId } : origin;
    if (typeof thrown !== 'object' || thrown === null || !looksLikeError(thrown)) return this.value(thrown, outermost);
    const own = ownParts(thrown);
    const code = own?.code ?? this.about.code ?? 'E_STEP_FAILED';
    const hint = own?.hint ?? hintOf(code);
    const stack = this.stackOf(thrown);
    const location = own?.location ?? this.locate(thrown, stack, own !== undefined);
    const props = own === undefined ? propsOf(thrown) : own.props;
    const cause = this.causeOf(thrown, above);
    const errors = own?.errors ?? this.errorsOf(thrown, above);
    return {
      code,
      message: textOf(thrown, 'message') ?? '',
      ...(own?.stepId !== undefined ? { stepId: own.stepId } : stepId === undefined ? {} : { stepId }),
      ...(hint === undefined ? {} : { hint }),
      name: nameOf(thrown),
      ...(stack === undefined ? {} : { stack }),
      ...(location === undefined ? {} : { location }),
      ...(props === undefined ? {} : { props }),
      ...(cause === undefined ? {} : { cause }),
      ...(errors === undefined ? {} : { errors }),
    };
  }

  /** What was thrown is no error. */
  private value(thrown: unknown, outermost: boolean): SerializedError {
    const { code = 'E_STEP_FAILED', stepId } = this.about;
    const hint = hintOf(code);
    const shown = quietly(() => inspect(thrown, { depth: 3 }), 'a value that cannot be shown');
    return {
      code,
      message: boundedText(outermost ? `Threw ${shown}` : typeof thrown === 'string' ? thrown : shown, textLimit),
      ...(stepId === undefined ? {} : { stepId }),
      ...(hint === undefined ? {} : { hint }),
      name: 'Error',
    };
  }

  private causeOf(thrown: object, above: readonly unknown[]): SerializedError | undefined {
    const cause = quietly(() => Reflect.get(thrown, 'cause'), undefined);
    if (cause === undefined || cause === null || cause === thrown || above.includes(cause)) return undefined;
    return this.left <= 0 || above.length >= depthLimit ? undefined : this.error(cause, [...above, thrown], false);
  }

  private errorsOf(thrown: object, above: readonly unknown[]): readonly SerializedError[] | undefined {
    const errors: unknown = quietly(() => Reflect.get(thrown, 'errors'), undefined);
    if (!Array.isArray(errors) || above.length >= depthLimit) return undefined;
    const serialised: SerializedError[] = [];
    // By index: an iterator could be anything.
    for (let index = 0; index < errors.length && this.left > 0; index += 1) {
      const error: unknown = quietly(() => errors[index], undefined);
      if (error !== thrown && !above.includes(error)) serialised.push(this.error(error, [...above, thrown], false));
    }
    return serialised;
  }

  private stackOf(thrown: object): string | undefined {
    const stack = textOf(thrown, 'stack');
    const { root } = this.about;
    return stack === undefined || root === undefined ? stack : withWholeLines(stack, root);
  }

  /** Where Treadle's own error wraps another one, the place of the inner one says more. */
  private locate(thrown: object, stack: string | undefined, own: boolean): SourceLocation | undefined {
    const { root } = this.about;
    const cause: unknown = own ? quietly(() => Reflect.get(thrown, 'cause'), undefined) : undefined;
    const inner = typeof cause === 'object' && cause !== null ? this.stackOf(cause) : undefined;
    const from = inner ?? stack;
    return root === undefined || from === undefined ? undefined : locateInStack(from, root);
  }
}

/** An error of this realm, or of another one such as that of a test runner's sandbox. */
function looksLikeError(value: object): boolean {
  return quietly(() => value instanceof Error || (typeof Reflect.get(value, 'message') === 'string' && 'stack' in value), false);
}

type OwnParts = Pick<SerializedError, 'code' | 'hint' | 'stepId' | 'location' | 'props' | 'errors'>;

/** The parts of a TreadleError, whichever copy of Treadle made it; checked, as anyone can call an error so. */
function ownParts(thrown: object): OwnParts | undefined {
  const read = (key: string): unknown => quietly(() => Reflect.get(thrown, key), undefined);
  const code = read('code');
  if (read('name') !== 'TreadleError' || !isCode(code)) return undefined;
  const [hint, stepId] = [read('hint'), read('stepId')];
  const json = quietly(() => boundedJson({ location: read('location'), props: read('props'), errors: read('errors') }, ownBounds), null);
  const { location, props, errors } = isRecord(json) ? json : {};
  return {
    code,
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(typeof stepId === 'string' ? { stepId } : {}),
    ...(isLocation(location) ? { location } : {}),
    ...(isRecord(props) ? { props } : {}),
    ...(Array.isArray(errors) ? { errors: errors.filter(isSerialised) } : {}),
  };
}

function propsOf(thrown: object): { readonly [key: string]: JsonValue } | undefined {
  const fields = quietly(() => Object.keys(thrown), []).filter((key) => !knownFields.has(key));
  if (fields.length === 0) return undefined;
  const own: object = {};
  for (const key of fields) {
    Object.defineProperty(own, key, { enumerable: true, get: () => Reflect.get(thrown, key) as unknown });
  }
  const props = boundedJson(own, foreignBounds);
  return isRecord(props) && Object.keys(props).length > 0 ? props : undefined;
}

/** The class, where the error has no name of its own. */
function nameOf(thrown: object): string {
  const name = textOf(thrown, 'name') ?? 'Error';
  if (name !== 'Error') return name;
  const found: unknown = quietly(() => Reflect.get(thrown, 'constructor'), undefined);
  const className: unknown = typeof found === 'function' ? quietly(() => found.name, '') : '';
  return typeof className === 'string' && className !== '' && className !== 'Object' ? className : name;
}

function textOf(thrown: object, key: string): string | undefined {
  const value: unknown = quietly(() => Reflect.get(thrown, key), undefined);
  if (value === undefined) return undefined;
  return boundedText(typeof value === 'string' ? value : quietly(() => inspect(value, { depth: 2 }), ''), textLimit);
}

function isCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}

function isRecord(value: unknown): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLocation(value: unknown): value is SourceLocation & { readonly [key: string]: JsonValue } {
  return isRecord(value) && typeof value['file'] === 'string' && typeof value['line'] === 'number' && typeof value['column'] === 'number';
}

function isSerialised(value: unknown): value is SerializedError {
  return isRecord(value) && isCode(value['code']) && typeof value['message'] === 'string' && typeof value['name'] === 'string';
}
