import { types } from 'node:util';
import { TreadleError } from '../contract/errors.ts';

type Kind = 'json' | 'clone';

/** Deeper than this, a value is taken for cyclic until proven otherwise by structured clone. */
const depthLimit = 500;

/**
 * Decides how a value can be encoded: `json` when JSON says all of it, else `clone`.
 *
 * @throws `E_UNSERIALISABLE` naming the exact part that is neither.
 */
export function classify(value: unknown, path: string): Kind {
  return new Walk().visit(value, path, 0);
}

class Walk {
  /** Objects above the current one; kept only where JSON has been ruled out or nesting is deep. */
  private readonly seen = new Set<object>();

  visit(value: unknown, path: string, depth: number): Kind {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return 'json';
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0) ? 'json' : 'clone';
      case 'undefined':
      case 'bigint':
        return 'clone';
      case 'function':
        throw refused(path, value.name === '' ? 'a function' : `the function ${value.name}`);
      case 'symbol':
        throw refused(path, 'a symbol');
      case 'object':
        return value === null ? 'json' : this.object(value, path, depth);
    }
  }

  private object(value: object, path: string, depth: number): Kind {
    if (depth > depthLimit) {
      if (this.seen.has(value)) return 'clone';
      this.seen.add(value);
    }
    if (Array.isArray(value)) return this.array(value, path, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.plain(value, path, depth, prototype === null);
    return this.builtIn(value, path, depth);
  }

  private array(value: readonly unknown[], path: string, depth: number): Kind {
    let kind: Kind = 'json';
    let count = 0;
    for (let index = 0; index < value.length; index += 1) {
      if (!(index in value)) kind = 'clone';
      else count += 1;
      if (this.visitPart(value[index], path, index, depth) === 'clone') kind = 'clone';
    }
    return Object.keys(value).length === count ? kind : 'clone';
  }

  private plain(value: object, path: string, depth: number, bare: boolean): Kind {
    // A null prototype would come back as Object.prototype in either encoding: data is the same.
    let kind: Kind = bare && 'toJSON' in value ? 'clone' : 'json';
    for (const key of Object.keys(value)) {
      const part: unknown = Reflect.get(value, key);
      // JSON leaves such a key out; structured clone keeps it.
      if (this.visitPart(part, path, key, depth) === 'clone') kind = 'clone';
    }
    return kind;
  }

  /** Builds the path only when it is needed: for messages. */
  private visitPart(part: unknown, path: string, key: string | number, depth: number): Kind {
    if (typeof part === 'string' || typeof part === 'boolean' || part === null) return 'json';
    if (typeof part === 'number') return Number.isFinite(part) && !Object.is(part, -0) ? 'json' : 'clone';
    try {
      return this.visit(part, '', depth + 1);
    } catch (thrown) {
      throw withParent(thrown, path, key);
    }
  }

  private builtIn(value: object, path: string, depth: number): Kind {
    if (this.seen.has(value)) return 'clone';
    if (value instanceof Map || value instanceof Set) {
      this.seen.add(value);
      for (const [key, part] of value.entries()) {
        if (value instanceof Map) this.nested(key, `${path}.keys()`, depth);
        this.nested(part, value instanceof Map ? `${path}.get(${show(key)})` : `${path}.values()`, depth);
      }
      return 'clone';
    }
    if (types.isProxy(value)) throw refused(path, 'a Proxy');
    if (
      ArrayBuffer.isView(value) ||
      value instanceof ArrayBuffer ||
      value instanceof Date ||
      value instanceof RegExp ||
      types.isNativeError(value) ||
      types.isBoxedPrimitive(value)
    ) {
      return 'clone';
    }
    throw refused(path, `an instance of ${nameOf(value)}`);
  }

  private nested(value: unknown, path: string, depth: number): void {
    this.visit(value, path, depth + 1);
  }
}

const relative = Symbol('relative path');

function refused(path: string, what: string): TreadleError {
  const error = new TreadleError('E_UNSERIALISABLE', `${path} is ${what}, which cannot be copied to other steps.`);
  return Object.assign(error, { [relative]: { path, what } });
}

function withParent(thrown: unknown, path: string, key: string | number): unknown {
  if (!(thrown instanceof TreadleError) || !(relative in thrown)) return thrown;
  const inner: unknown = thrown[relative];
  if (typeof inner !== 'object' || inner === null || !('path' in inner) || !('what' in inner)) return thrown;
  const own = typeof key === 'number' ? `[${key}]` : /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${show(key)}]`;
  return refused(`${path}${own}${String(inner.path)}`, String(inner.what));
}

function show(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : String(key);
}

function nameOf(value: object): string {
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class';
}
