import * as v from 'valibot';
import type { ErrorCode } from '../contract/errors.ts';
import { describeValue } from './describe-value.ts';
import { durationForms, durationHint } from './duration.ts';
import { idSchema, isId, settingEntries } from './settings-schema.ts';
import { suggest } from './suggest.ts';

/** What is wrong with one setting. */
export interface SettingProblem {
  readonly code: ErrorCode;
  /** Keys that lead to the value: `['env', 'PORT']`. Empty when the settings as a whole are wrong. */
  readonly path: readonly string[];
  /** Whether the key itself is wrong rather than its value. */
  readonly aboutKey: boolean;
  /** In lower case and without a full stop, to stand after a colon. */
  readonly message: string;
  readonly hint?: string;
}

export type SettingsOwner = keyof typeof settingEntries;

type Schema = v.GenericSchema;

const schemas = new Map<SettingsOwner, ReadonlyMap<string, Schema>>();

function schemasOf(owner: SettingsOwner): ReadonlyMap<string, Schema> {
  let known = schemas.get(owner);
  if (known === undefined) schemas.set(owner, (known = new Map(Object.entries<Schema>(settingEntries[owner]()))));
  return known;
}

const noProblems: readonly SettingProblem[] = [];

/** Checks settings against the one list of them; `more` names keys that may stand beside them and are checked elsewhere. */
export function checkSettings(owner: SettingsOwner, settings: unknown, more: readonly string[] = []): readonly SettingProblem[] {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    const message = `settings must be an object, not ${describeValue(settings)}`;
    return [{ code: 'E_CONFIG_INVALID', path: [], aboutKey: false, message }];
  }
  const entries = Object.entries(settings);
  if (entries.length === 0) return noProblems;
  const known = schemasOf(owner);
  let problems = noProblems;
  for (const [key, value] of entries) {
    const schema = known.get(key);
    if (schema !== undefined) {
      if (value !== undefined && !(key === 'when' && typeof value === 'function'))
        problems = problems.concat(checkValue(key, value, schema));
    } else if (!more.includes(key)) problems = problems.concat(unknownKey([key], [...known.keys(), ...more]));
  }
  return problems;
}

/** Checks an id by itself. */
export function checkId(id: unknown): SettingProblem | undefined {
  return isId(id) ? undefined : checkValue('id', id, idSchema)[0];
}

/** Values that were found sound. In a large pipeline most settings say the same. */
const sound = new Map<Schema, Set<unknown>>();
const mostRemembered = 100;

function checkValue(key: string, value: unknown, schema: Schema): readonly SettingProblem[] {
  let values = sound.get(schema);
  if (values?.has(value) === true) return noProblems;
  const { issues } = v.safeParse(schema, value, { abortPipeEarly: true });
  if (issues !== undefined) return issues.map((issue) => problemOf(key, deepest(issue)));
  // Objects may change.
  if (typeof value !== 'object') {
    if (values === undefined) sound.set(schema, (values = new Set()));
    if (values.size < mostRemembered) values.add(value);
  }
  return noProblems;
}

type Issue = v.GenericIssue;

/** Of the alternatives of a union, the one that came furthest says best what is wrong. */
function deepest(issue: Issue): Issue {
  const depth = (candidate: Issue): number => candidate.path?.length ?? 0;
  return (issue.issues ?? []).reduce<Issue>((best, candidate) => (depth(candidate) > depth(best) ? candidate : best), issue);
}

function problemOf(key: string, issue: Issue): SettingProblem {
  const path = [key, ...(issue.path ?? []).map((item) => String(item.key))];
  if (issue.type === 'strict_object' && issue.expected === 'never') return unknownKey(path, ['delay', 'factor', 'max']);
  const isMissing = issue.type === 'strict_object' && issue.input === undefined;
  const hint = hintFor(key, issue);
  return {
    code: key === 'executor' && typeof issue.input === 'string' ? 'E_EXECUTOR_UNKNOWN' : 'E_CONFIG_INVALID',
    path: isMissing ? path.slice(0, -1) : path,
    aboutKey: false,
    message: isMissing ? `${path.join('.')} is missing` : `${path.join('.')} must be ${issue.message}, not ${describeValue(issue.input)}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function hintFor(key: string, issue: Issue): string | undefined {
  const { input, message } = issue;
  if (message === durationForms) return durationHint(input);
  if (key === 'timeout') return 'Leave it out for no limit.';
  if (key === 'env' && (typeof input === 'number' || typeof input === 'boolean')) return `Write '${input}'.`;
  if (typeof input !== 'string') return undefined;
  const near = suggest(
    input,
    [...message.matchAll(/'([^']+)'/g)].map(([, word = '']) => word),
  );
  return near === undefined ? undefined : `Did you mean '${near}'?`;
}

/** A key that does not belong where it stands. */
function unknownKey(path: readonly string[], candidates: readonly string[]): SettingProblem {
  const key = path.at(-1) ?? '';
  const near = suggest(key, candidates);
  const hint = near === undefined ? `There are: ${candidates.join(', ')}.` : `Did you mean "${near}"?`;
  return { code: 'E_CONFIG_INVALID', path, aboutKey: true, message: `unknown setting "${path.join('.')}"`, hint };
}
