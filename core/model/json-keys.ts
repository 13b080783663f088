// Keys of the JSON form that are no settings.

/** Keys that make an object a group or a sequence. */
export const branchKeys = ['all', 'any', 'atLeast', 'sequence'] as const;
export type BranchKey = (typeof branchKeys)[number];

export function isBranchKey(key: string): key is BranchKey {
  return branchKeys.some((known) => known === key);
}

/** Keys of a step beside its settings. */
export const stepKeys = ['id', 'uses', 'with'] as const;
