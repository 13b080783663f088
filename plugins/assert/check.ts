import { isDeepStrictEqual } from 'node:util';
import { type Mismatch, show } from '../checks/mismatch.ts';
import { differences } from '../checks/subset.ts';
import { toRegExp } from '../pattern.ts';
import type { Check } from './options.ts';

/** What was found at a check's path. */
export type Found = { readonly value: unknown } | undefined;

/** Everything that a check asks for and that does not hold. */
export function unmet(check: Check, found: Found): readonly Mismatch[] {
  const { path: what } = check;
  const actual = found === undefined ? 'nothing' : show(found.value);
  const value = found?.value;
  const mismatches: Mismatch[] = [];
  const require = (holds: boolean, expected: string): void => {
    if (!holds) mismatches.push({ what, expected, actual });
  };
  if (check.exists !== undefined) require(check.exists === (found !== undefined), check.exists ? 'something' : 'nothing');
  if (check.equals !== undefined) require(found !== undefined && isDeepStrictEqual(value, check.equals), show(check.equals));
  if (check.matches !== undefined) {
    const expression = toRegExp(check.matches);
    require(typeof value === 'string' && expression.test(value), `a match of ${String(expression)}`);
  }
  if (check.atLeast !== undefined) require(typeof value === 'number' && value >= check.atLeast, `at least ${check.atLeast}`);
  if (check.atMost !== undefined) require(typeof value === 'number' && value <= check.atMost, `at most ${check.atMost}`);
  if (check.contains !== undefined) require(contains(value, check.contains), `something with ${show(check.contains)}`);
  if (check.type !== undefined) require(found !== undefined && typeOf(value) === check.type, `a value of type ${check.type}`);
  return mismatches;
}

/** What a check asks for, as the name of its test case. */
export function nameOf(check: Check): string {
  if (check.name !== undefined) return check.name;
  const wants = [
    check.exists === undefined ? [] : check.exists ? ['exists'] : ['does not exist'],
    check.equals === undefined ? [] : [`equals ${show(check.equals)}`],
    check.matches === undefined ? [] : [`matches ${String(toRegExp(check.matches))}`],
    check.atLeast === undefined ? [] : [`is at least ${check.atLeast}`],
    check.atMost === undefined ? [] : [`is at most ${check.atMost}`],
    check.contains === undefined ? [] : [`contains ${show(check.contains)}`],
    check.type === undefined ? [] : [`is of type ${check.type}`],
  ].flat();
  return `${check.path} ${wants.join(' and ')}`;
}

function contains(value: unknown, part: unknown): boolean {
  if (typeof value === 'string') return typeof part === 'string' && value.includes(part);
  if (value instanceof Set || Array.isArray(value)) return [...value].some((item) => differences(part, item, '').length === 0);
  if (value instanceof Map) return value.has(part);
  return typeof value === 'object' && value !== null && differences(part, value, '').length === 0;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Map) return 'map';
  if (value instanceof Set) return 'set';
  return value instanceof Date ? 'date' : typeof value;
}
