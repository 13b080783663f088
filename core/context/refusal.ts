import { types } from 'node:util';
import { childPath } from './path.ts';

/** A part of a value that cannot be copied to other threads. */
export interface Refusal {
  readonly path: string;
  /** Such as `the function close`. */
  readonly what: string;
  /** The way out, where there is a better one than for all the others. */
  readonly hint?: string;
}

/** Beyond this, decoding and comparing would depend on how much stack there happens to be. */
export const depthLimit = 1000;

interface Place {
  readonly parent: Place | undefined;
  /** A key or index, or how the part is reached, such as `.get("k")`. */
  readonly key: string | number;
  readonly access: 'key' | 'call';
  readonly value: unknown;
  readonly depth: number;
}

/**
 * The first part of a value, in the order in which one would read it, that structured clone cannot copy or would
 * copy as something else. Values may be cyclic and of any depth.
 */
export function findRefused(value: unknown, path: string): Refusal | undefined {
  const seen = new Set<object>();
  const open: Place[] = [{ parent: undefined, key: path, access: 'key', value, depth: 0 }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value: part } = place;
    if (typeof part === 'function') return refusal(place, part.name === '' ? 'a function' : `the function ${part.name}`);
    if (typeof part === 'symbol') return refusal(place, 'a symbol');
    if (typeof part !== 'object' || part === null || seen.has(part)) continue;
    seen.add(part);
    if (place.depth >= depthLimit) return { path, what: `nested too deeply (more than ${depthLimit} levels)` };
    if (types.isPromise(part)) return { ...refusal(place, 'a promise'), hint: 'Await it, and store what it gives.' };
    const what = whatIsWrong(part);
    if (what !== undefined) return refusal(place, what);
    // Last in, first out.
    const inside = partsOf(part, place);
    for (let index = inside.length - 1; index >= 0; index -= 1) {
      const next = inside[index];
      if (next !== undefined) open.push(next);
    }
  }
  return undefined;
}

function whatIsWrong(value: object): string | undefined {
  if (types.isProxy(value)) return 'a Proxy';
  if (types.isNativeError(value)) return undefined;
  const name = builtInName(value);
  if (name === undefined) return isPlainObject(value) ? undefined : `an instance of ${classOf(value)}`;
  // A class that extends a built-in would come back as the built-in.
  return classOf(value) === name ? undefined : `an instance of ${classOf(value)}`;
}

/** Name of the built-in class that structured clone makes of the value. */
function builtInName(value: object): string | undefined {
  if (Array.isArray(value)) return 'Array';
  if (types.isMap(value)) return 'Map';
  if (types.isSet(value)) return 'Set';
  if (types.isDate(value)) return 'Date';
  if (types.isRegExp(value)) return 'RegExp';
  if (Buffer.isBuffer(value)) return 'Buffer';
  if (types.isTypedArray(value)) return value[Symbol.toStringTag];
  if (types.isDataView(value)) return 'DataView';
  if (types.isArrayBuffer(value)) return 'ArrayBuffer';
  if (types.isNumberObject(value)) return 'Number';
  if (types.isStringObject(value)) return 'String';
  if (types.isBooleanObject(value)) return 'Boolean';
  if (types.isBigIntObject(value)) return 'BigInt';
  return undefined;
}

/** Plain in any realm: a prototype that has none itself and is called Object. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return !isExotic(value);
  return typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null && classOf(value) === 'Object' && !isExotic(value);
}

/** What only looks plain. */
function isExotic(value: object): boolean {
  return types.isModuleNamespaceObject(value) || types.isExternal(value) || types.isArgumentsObject(value);
}

function classOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const found: unknown = typeof prototype === 'object' && prototype !== null ? Reflect.get(prototype, 'constructor') : undefined;
  return typeof found === 'function' && found.name !== '' ? found.name : 'a class';
}

function partsOf(value: object, parent: Place): Place[] {
  const depth = parent.depth + 1;
  if (types.isMap(value)) {
    return [...value].flatMap(([key, part]): Place[] => [
      { parent, key: '.keys()', access: 'call', value: key, depth },
      { parent, key: `.get(${show(key)})`, access: 'call', value: part, depth },
    ]);
  }
  if (types.isSet(value)) return [...value].map((part): Place => ({ parent, key: '.values()', access: 'call', value: part, depth }));
  if (types.isNativeError(value)) {
    return Object.hasOwn(value, 'cause') ? [{ parent, key: 'cause', access: 'key', value: Reflect.get(value, 'cause'), depth }] : [];
  }
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return [];
  const list = Array.isArray(value);
  return Object.keys(value).map((key): Place => ({
    parent,
    key: list && /^\d+$/.test(key) ? Number(key) : key,
    access: 'key',
    value: Reflect.get(value, key),
    depth,
  }));
}

function refusal(place: Place, what: string): Refusal {
  const above: Place[] = [];
  for (let each: Place | undefined = place; each !== undefined; each = each.parent) above.push(each);
  const [root, ...steps] = above.toReversed();
  const path = steps.reduce(
    (path, { key, access }) => (access === 'call' ? `${path}${key}` : childPath(path, key)),
    String(root?.key ?? ''),
  );
  return { path, what };
}

function show(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key === 'bigint') return `${key}n`;
  return typeof key === 'object' && key !== null ? '{…}' : String(key);
}
