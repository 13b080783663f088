import type { StandardSchemaV1 } from '@standard-schema/spec';
import { settingEntries } from '../model/settings-schema.ts';
import { suggest } from '../model/suggest.ts';
import { type Key, keyOf, showPath } from './issue-path.ts';
import { jsonSchemaOf } from './standard-schema.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What is wrong with options, a line for each issue of their schema. Keys that the schema does not know come with what
 * was meant, as far as the schema reveals its keys: by a JSON Schema of its own, or in the form of valibot's and zod's.
 */
export function explainIssues(schema: StandardSchemaV1, options: unknown, issues: readonly StandardSchemaV1.Issue[]): readonly string[] {
  const roots = [schema, jsonSchemaOf(schema)];
  const unknown = new Set<string>();
  const explained = issues.map((issue) => {
    const path = (issue.path ?? []).map(keyOf);
    const above = path.slice(0, -1);
    const last = path.at(-1);
    const known = keysAt(roots, above, options);
    if (typeof last === 'string' && known !== undefined && !known.includes(last) && isRefusal(issue)) {
      unknown.add(showPath(path));
      return { path, text: `there is no such option${instead(last, known, path.length === 1)}` };
    }
    // Some libraries tell of unknown keys at the object that has them.
    const own = keysAt(roots, path, options);
    const strange =
      own === undefined ? [] : keysOf(valueAt(options, path)).filter((key) => !own.includes(key) && issue.message.includes(key));
    for (const key of strange) unknown.add(showPath([...path, key]));
    return { path, text: issue.message + strange.map((key) => instead(key, own ?? [], path.length === 0)).join('') };
  });
  return explained.flatMap(({ path, text }) => {
    const misspelt = misspeltFor(path, roots, options);
    if (misspelt === undefined && isMissing(path, text, options)) return `options${showPath(path)} is missing`;
    // What was misspelt explains what is missing.
    if (misspelt !== undefined && unknown.has(showPath([...path.slice(0, -1), misspelt]))) return [];
    return `options${showPath(path)}: ${text}${misspelt === undefined ? '' : `; did you mean it by "${misspelt}"?`}`;
  });
}

function instead(key: string, known: readonly string[], isTop: boolean): string {
  const meant = suggest(key, known);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  if (isTop && Object.hasOwn(settingEntries.step(), key)) return '; it is a setting of the step, beside its options';
  return known.length === 0 ? '' : `; there ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ')}`;
}

/** An unknown key that was probably meant to be the missing one at a path. */
function misspeltFor(path: readonly Key[], roots: readonly unknown[], options: unknown): string | undefined {
  const missing = path.at(-1);
  const above = path.slice(0, -1);
  const object = valueAt(options, above);
  if (typeof missing !== 'string' || keysOf(object).includes(missing)) return undefined;
  const known = keysAt(roots, above, options);
  return keysOf(object).find((key) => known?.includes(key) === false && suggest(key, known) === missing);
}

/** Whether an issue is about a key that is not there, in options or an object of theirs. */
function isMissing(path: readonly Key[], text: string, options: unknown): boolean {
  if (!/received undefined$|^Required$/.test(text)) return false;
  const key = path.at(-1);
  const object = valueAt(options, path.slice(0, -1));
  if (typeof key !== 'string' || Array.isArray(object)) return false;
  return object === undefined || (typeof object === 'object' && object !== null && !Object.hasOwn(object, key));
}

/** Whether a schema says that a key must not be there, rather than that its value is wrong. */
function isRefusal(issue: StandardSchemaV1.Issue): boolean {
  return 'expected' in issue && issue.expected === 'never';
}

/** The keys that objects at a path may have; `undefined` when the schema does not reveal them. */
function keysAt(roots: readonly unknown[], path: readonly Key[], options: unknown): readonly string[] | undefined {
  let schemas = roots.flatMap((root) => formsOf(root, options));
  for (const [index, key] of path.entries()) {
    const value = valueAt(options, path.slice(0, index + 1));
    const inner = schemas.flatMap((schema) =>
      typeof key === 'number' ? [field(schema, 'item', 'element', 'items')] : partsOf(schema, key),
    );
    schemas = inner.flatMap((schema) => formsOf(schema, value));
  }
  const keys = schemas.flatMap((schema) => Object.keys(entriesOf(schema) ?? {}));
  return keys.length === 0 ? undefined : [...new Set(keys)];
}

function partsOf(schema: Fields, key: string): unknown[] {
  const entries = entriesOf(schema);
  return entries !== undefined && Object.hasOwn(entries, key) ? [entries[key]] : [];
}

function entriesOf(schema: Fields): Fields | undefined {
  const entries = field(schema, 'entries', 'shape', 'properties');
  return isFields(entries) ? entries : undefined;
}

/** The schemas behind optional, lazy and alternative ones, itself included. */
function formsOf(schema: unknown, input: unknown, depth = 0): readonly Fields[] {
  if (!isFields(schema) || depth > 10) return [];
  const definition = field(schema, 'def', '_def');
  const inner = [field(schema, 'wrapped'), isFields(definition) ? field(definition, 'innerType', 'in') : undefined, lazyOf(schema, input)];
  const alternatives = ['options', 'forms', 'anyOf', 'oneOf', 'allOf'].flatMap((name) => {
    const list = field(schema, name);
    return Array.isArray(list) ? list : [];
  });
  return [schema, ...[...inner, ...alternatives].flatMap((each: unknown) => formsOf(each, input, depth + 1))];
}

function lazyOf(schema: Fields, input: unknown): unknown {
  const getter = field(schema, 'getter');
  if (typeof getter !== 'function') return undefined;
  try {
    return getter(input);
  } catch {
    return undefined;
  }
}

/** The first of these fields that a schema has. */
function field(schema: Fields, ...names: readonly string[]): unknown {
  try {
    return names.map((name) => schema[name]).find((value) => value !== undefined);
  } catch {
    // A getter of the library's own.
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

function valueAt(options: unknown, path: readonly Key[]): unknown {
  return path.reduce<unknown>((value, key) => (isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined), options);
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
