import type { NodeKey, ProjectKey } from './records.ts';

/** What all keys of one pipeline begin with. */
export function keyPrefix(project: ProjectKey, pipeline: string): string {
  // JSON says where it ends, so that no two pairs of names meet; it has no NUL, which test ids must not contain.
  return JSON.stringify([project, pipeline]);
}

/** The key of a node: the same for the same project, pipeline and id, and for nothing else. */
export function nodeKey(project: ProjectKey, pipeline: string, id: string): NodeKey {
  return keyPrefix(project, pipeline) + id;
}
