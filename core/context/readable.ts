import { inspect, types } from 'node:util';

/** Nested more deeply than this, a value is for no reader, and would be too much for JSON.stringify. */
const depthLimit = 200;
/** Longer binary data is told by its size. */
const elementLimit = 1000;
/** Parts that are shared are written out each time, which must end. */
const partLimit = 5_000_000;

/**
 * A value as JSON can show it: for events and reports, not for decoding. Never throws, whatever the value.
 *
 * @example
 * readableValue(new Map([['total', 3n]])); // { total: '3n' }
 */
export function readableValue(value: unknown): unknown {
  return new Rendering().value(value);
}

class Rendering {
  private readonly above = new Set<object>();
  private parts = 0;

  value(value: unknown): unknown {
    switch (typeof value) {
      case 'bigint':
        return `${value}n`;
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'undefined':
        return null;
      case 'function':
      case 'symbol':
        return inspect(value);
      case 'object':
        return value === null ? null : this.object(value);
      default:
        return value;
    }
  }

  private object(value: object): unknown {
    if (this.above.has(value)) return '[Circular]';
    this.parts += 1;
    if (this.above.size >= depthLimit) return '[Too deep]';
    if (this.parts > partLimit) return '[Too much]';
    this.above.add(value);
    try {
      return this.parted(value);
    } catch (thrown) {
      return `[Unreadable: ${thrown instanceof Error ? thrown.message : 'it threw'}]`;
    } finally {
      this.above.delete(value);
    }
  }

  private parted(value: object): unknown {
    if (Array.isArray(value)) return Array.from(value, (part) => this.value(part));
    if (types.isMap(value)) {
      return Object.fromEntries([...value].map(([key, part]) => [typeof key === 'string' ? key : inspect(key), this.value(part)]));
    }
    if (types.isSet(value)) return [...value].map((part) => this.value(part));
    if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (types.isRegExp(value) || types.isNativeError(value)) return String(value);
    if (types.isBoxedPrimitive(value)) return this.value(value.valueOf());
    if (types.isTypedArray(value)) {
      if (value.length > elementLimit) return `[${value[Symbol.toStringTag]} of ${value.length}]`;
      return Array.from<number | bigint, unknown>(value, (part) => this.value(part));
    }
    if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.value(part)]));
  }
}

/** {@link readableValue}, of each value of a record. */
export function readableRecord(values: { readonly [key: string]: unknown }): { readonly [key: string]: unknown } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, readableValue(value)]));
}
