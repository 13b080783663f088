import { builderName, type BranchDraft, type Draft } from './draft.ts';
import type { Problem } from './problem.ts';

/** A longer id is cut, and told apart by a hash. */
const longestDerivedId = 60;

/** Collects the ids that people gave, and reports those that were given twice. */
export function givenIds(drafts: readonly Draft[], problems: Problem[]): ReadonlyMap<string, Draft> {
  const owners = new Map<string, Draft>();
  for (const draft of walk(drafts)) {
    if (draft.id === undefined) continue;
    const owner = owners.get(draft.id);
    if (owner === undefined) owners.set(draft.id, draft);
    else problems.push(duplicate(draft.id, owner, draft));
  }
  return owners;
}

function duplicate(id: string, first: Draft, second: Draft): Problem {
  const isSame = first.kind === 'step' && second.kind === 'step' && first.definition === second.definition;
  return {
    code: 'E_STEP_DUPLICATE',
    message: `The id "${id}" is used twice: by ${describe(first)} and by ${describe(second)}.`,
    hint: isSame ? 'The same step is listed twice: make two, each with an id of its own.' : undefined,
    stepId: id,
    location: second.location,
  };
}

function describe({ kind, location, place, definition }: Draft): string {
  const what = kind === 'step' ? 'the step' : `the ${definition.kind}`;
  return location === undefined ? `${what} that is ${place}` : `${what} at ${location.file}:${location.line}:${location.column}`;
}

/**
 * Ids for the groups and sequences that have none, made of what is in them: `all(types,lint)`. So they stay the same
 * when other things are moved, added or removed.
 */
export function deriveIds(drafts: readonly Draft[], given: ReadonlyMap<string, Draft>): ReadonlyMap<Draft, string> {
  const ids = new Map<Draft, string>();
  const taken = new Set(given.keys());
  const nameAll = (siblings: readonly Draft[]): void => {
    for (const draft of siblings) {
      if (draft.kind === 'branch') nameAll(draft.children);
      ids.set(draft, draft.kind === 'step' ? draft.id : (draft.id ?? claim(derivedId(draft, ids), taken)));
    }
  };
  nameAll(drafts);
  return ids;
}

function derivedId(branch: BranchDraft, ids: ReadonlyMap<Draft, string>): string {
  const name = builderName(branch.definition);
  const content = branch.children.map((child) => ids.get(child) ?? '').join(',');
  const id = `${name}(${content})`;
  if (id.length <= longestDerivedId) return id;
  // Loaded here because it takes longer to load than everything else in the model, and is seldom needed.
  const digest = process.getBuiltinModule('node:crypto').hash('sha256', content, 'hex').slice(0, 8);
  // Not through the middle of a character.
  const room = longestDerivedId - name.length - digest.length - 3;
  return `${name}(${content.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')}~${digest})`;
}

/** The id itself, or with a number where it is taken: two empty groups, or a step that is called like a group. */
export function claim(id: string, taken: Set<string>): string {
  let free = id;
  for (let number = 2; taken.has(free); number += 1) free = `${id}#${number}`;
  taken.add(free);
  return free;
}

function* walk(drafts: readonly Draft[]): Iterable<Draft> {
  for (const draft of drafts) {
    yield draft;
    if (draft.kind === 'branch') yield* walk(draft.children);
  }
}
