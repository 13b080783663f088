import { TreadleError } from '../contract/errors.ts';
import { suggest } from '../model/suggest.ts';

/** One `--param K=V`, parsed. */
export interface Param {
  /** Keys from the outermost to the innermost. */
  readonly path: readonly string[];
  /** As written. */
  readonly text: string;
  /** What the text says in JSON, else the text. */
  readonly value: unknown;
}

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Parses `K=V`; `K` may be a dotted path. */
export function parseParam(assignment: string): Param {
  const at = assignment.indexOf('=');
  if (at < 1)
    throw new TreadleError('E_PARAM_INVALID', `--param needs KEY=VALUE, not "${assignment}".`, { hint: 'Such as --param port=8080.' });
  const path = assignment.slice(0, at).split('.');
  if (path.includes('')) throw new TreadleError('E_PARAM_INVALID', `--param "${assignment}" has an empty key in "${path.join('.')}".`);
  const forbidden = path.find((key) => forbiddenKeys.has(key));
  if (forbidden !== undefined) throw new TreadleError('E_PARAM_INVALID', `--param must not set "${forbidden}".`);
  const text = assignment.slice(at + 1);
  return { path, text, value: parseValue(text) };
}

/** The value that a parameter gives to a setting that is `current` so far. */
function fit(param: Param, current: unknown): unknown {
  if (current === undefined || current === null) return param.value;
  // Text stays text: `--param version=1.10` must not become the number 1.1.
  if (typeof current === 'string') return typeof param.value === 'string' ? param.value : param.text;
  if (typeName(param.value) === typeName(current)) return param.value;
  const expected = typeName(current);
  throw new TreadleError(
    'E_PARAM_INVALID',
    `--param ${param.path.join('.')} must be ${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}, not ${JSON.stringify(param.text)}.`,
    {
      hint: `It is ${JSON.stringify(current)} in the pipeline's config.`,
    },
  );
}

/**
 * The top-level keys of `config` that parameters change, each with its whole new value.
 *
 * @throws `E_PARAM_INVALID` where a value has another type than the pipeline's own.
 */
export function applyParams(config: Readonly<Record<string, unknown>>, params: readonly Param[]): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const param of params) {
    const [top = '', ...below] = param.path;
    const known = Object.hasOwn(changed, top) ? changed[top] : Object.hasOwn(config, top) ? config[top] : undefined;
    changed[top] = setIn(known, below, param, 1);
  }
  return changed;
}

/**
 * What parameters probably were meant to be: those that none of the configs has, where one has a name that is nearly the same. Others may
 * be read by steps that do without them.
 */
export function misspeltParams(configs: readonly Readonly<Record<string, unknown>>[], params: readonly Param[]): readonly string[] {
  return params.flatMap(({ path }) => {
    let objects = configs;
    for (const [depth, key] of path.entries()) {
      const found = objects.filter((object) => Object.hasOwn(object, key));
      if (found.length === 0) {
        const near = suggest(key, new Set(objects.flatMap((object) => Object.keys(object))));
        const meant = near === undefined ? undefined : [...path.slice(0, depth), near].join('.');
        return meant === undefined
          ? []
          : [`--param ${path.join('.')} sets what the pipeline's config does not have. Did you mean "${meant}"?`];
      }
      objects = found.map((object) => object[key]).filter(isPlainObject);
    }
    return [];
  });
}

function setIn(current: unknown, keys: readonly string[], param: Param, depth: number): unknown {
  const [key, ...below] = keys;
  if (key === undefined) return fit(param, current);
  if (current !== undefined && current !== null && !isPlainObject(current)) {
    const parent = param.path.slice(0, depth).join('.');
    throw new TreadleError(
      'E_PARAM_INVALID',
      `--param ${param.path.join('.')} cannot be set: ${parent} is ${JSON.stringify(current)} in the pipeline's config.`,
    );
  }
  const object = isPlainObject(current) ? current : {};
  const child = Object.hasOwn(object, key) ? object[key] : undefined;
  return { ...object, [key]: setIn(child, below, param, depth + 1) };
}
