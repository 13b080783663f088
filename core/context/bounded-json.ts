import { inspect, types } from 'node:util';
import type { JsonValue } from '../contract/json.ts';

/** How much may be said; what is over is cut. */
export interface Bounds {
  /** Characters of all texts together. */
  readonly characters: number;
  /** Values of all kinds together. */
  readonly values: number;
  readonly depth: number;
}

/**
 * Plain JSON of any value, of bounded size, for looking at: cycles, getters that throw, sockets and the like are
 * described in words. Undefined for what JSON leaves out. Never throws.
 */
export function boundedJson(value: unknown, bounds: Bounds): JsonValue | undefined {
  return new Rendering(bounds).value(value, 0);
}

/** A text of bounded length, saying what is missing. */
export function boundedText(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;
}

/** The result, or something else where there is none. */
export function quietly<T>(body: () => T, otherwise: T): T {
  try {
    return body();
  } catch {
    return otherwise;
  }
}

class Rendering {
  private readonly above = new Set<object>();
  private readonly depth: number;
  private characters: number;
  private values: number;

  constructor({ characters, values, depth }: Bounds) {
    this.characters = characters;
    this.values = values;
    this.depth = depth;
  }

  value(value: unknown, depth: number): JsonValue | undefined {
    this.values -= 1;
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        // JSON has one zero.
        return Number.isFinite(value) ? value || 0 : String(value);
      case 'bigint':
        return this.text(`${value}n`);
      case 'boolean':
        return value;
      case 'object':
        return value === null ? null : quietly(() => this.object(value, depth), '[unreadable]');
      default:
        return undefined;
    }
  }

  private text(text: string): string {
    const bounded = boundedText(text, Math.max(0, this.characters));
    this.characters -= bounded.length;
    return bounded;
  }

  private object(value: object, depth: number): JsonValue | undefined {
    if (this.above.has(value)) return '[Circular]';
    if (types.isProxy(value) || ArrayBuffer.isView(value) || types.isMap(value) || types.isSet(value)) return this.inspected(value);
    const toJson: unknown = Reflect.get(value, 'toJSON');
    if (typeof toJson === 'function') {
      const said: unknown = Reflect.apply(toJson, value, []);
      if (typeof said !== 'object' || said === null) return this.value(said, depth);
    }
    if (depth >= this.depth) return Array.isArray(value) ? '[Array]' : '[Object]';
    if (!Array.isArray(value) && Object.keys(value).length === 0) return isPlain(value) ? {} : this.inspected(value);
    this.above.add(value);
    try {
      return Array.isArray(value) ? this.list(value, depth) : this.record(value, depth);
    } finally {
      this.above.delete(value);
    }
  }

  private list(list: readonly unknown[], depth: number): JsonValue {
    const parts: JsonValue[] = [];
    for (const part of list) {
      if (this.spent()) return [...parts, `… (${list.length - parts.length} more)`];
      parts.push(this.value(part, depth + 1) ?? null);
    }
    return parts;
  }

  private record(value: object, depth: number): JsonValue {
    const record: Record<string, JsonValue> = {};
    const keys = Object.keys(value);
    for (const [index, key] of keys.entries()) {
      if (this.spent()) {
        set(record, '…', `${keys.length - index} more`);
        break;
      }
      this.characters -= key.length;
      const part = quietly(() => this.value(Reflect.get(value, key), depth + 1), '[unreadable]');
      if (part !== undefined) set(record, boundedText(key, 200), part);
    }
    return record;
  }

  private spent(): boolean {
    return this.values <= 0 || this.characters <= 0;
  }

  private inspected(value: object): string {
    return this.text(inspect(value, { depth: 2, breakLength: Infinity, maxStringLength: 1000, maxArrayLength: 20 }));
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whatever the key is called, `__proto__` included. */
function set(record: Record<string, JsonValue>, key: string, value: JsonValue): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}
