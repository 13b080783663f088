import { inspect } from 'node:util';

/** One thing that is not as expected. */
export interface Mismatch {
  /** Where, such as `body.items[0].price`. */
  readonly what: string;
  /** In words: `"free"`, `at least 10`. */
  readonly expected: string;
  readonly actual: string;
}

/** A value as a message shows it: short, on one line where it fits. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 200 ? `${JSON.stringify(value.slice(0, 200))}…` : JSON.stringify(value);
  return inspect(value, { depth: 4, breakLength: 100, maxArrayLength: 20, maxStringLength: 200 });
}

/** A mismatch as a sentence. */
export function describe({ what, expected, actual }: Mismatch): string {
  return `${what}: expected ${expected}, got ${actual}`;
}

/** A key below a path: `results.items[0]["a b"]`. */
export function below(path: string, key: string | number): string {
  if (typeof key === 'number' || /^\d+$/.test(key)) return `${path}[${key}]`;
  return /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}
