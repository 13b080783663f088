/**
 * One encoded value of the context. Small JSON travels as a string; anything larger lies in shared memory,
 * so that handing it to a thread costs nothing.
 */
export type Segment =
  | { readonly encoding: 'json'; readonly text: string }
  | { readonly encoding: 'json-bytes'; readonly bytes: SharedArrayBuffer }
  | { readonly encoding: 'v8'; readonly bytes: SharedArrayBuffer };

/** Immutable keys and values of a snapshot; `null` says that the key is deleted. */
export interface Layer {
  /** Unique in this process, so that a thread can keep layers that it has seen. */
  readonly id: number;
  readonly entries: ReadonlyMap<string, Segment | null>;
  /** Keys that were deleted and set again: they come after those of the layers below. */
  readonly moved?: ReadonlySet<string>;
}

/** One immutable version of `results`: layers, oldest first; in each key the newest layer wins. */
export interface Snapshot {
  readonly layers: readonly Layer[];
}

/** What one step changed at one key; the step's id is kept for reporting conflicts. */
export type Change =
  { readonly kind: 'set'; readonly segment: Segment; readonly stepId: string } | { readonly kind: 'delete'; readonly stepId: string };

/** What a step (or a branch of steps) changed, relative to the snapshot that it saw. */
export interface Patch {
  readonly changes: ReadonlyMap<string, Change>;
  /** Top-level keys of the snapshot that the step read or wrote: as long as they are the same, so is its work. */
  readonly reads: readonly string[];
  /** Whether the step looked at its results at all, and so could tell which keys there are. */
  readonly looked?: boolean;
}
