import { inspect } from 'node:util';

/** A value as JSON can show it: for events and reports, not for decoding. */
export function readableValue(value: unknown): unknown {
  return readable(value, new Set());
}

function readable(value: unknown, above: Set<object>): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[Circular]';
  above.add(value);
  try {
    if (Array.isArray(value)) return value.map((part) => readable(part, above));
    if (value instanceof Map) {
      return Object.fromEntries([...value].map(([key, part]) => [typeof key === 'string' ? key : inspect(key), readable(part, above)]));
    }
    if (value instanceof Set) return [...value].map((part) => readable(part, above));
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp || value instanceof Error) return String(value);
    if (ArrayBuffer.isView(value) && !(value instanceof DataView) && 'length' in value) {
      return Array.from({ length: Number(value.length) }, (_, index) => readable(Reflect.get(value, index), above));
    }
    if (value instanceof ArrayBuffer || value instanceof DataView) return `[${value.byteLength} bytes]`;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, readable(part, above)]));
  } finally {
    above.delete(value);
  }
}
