import { isAbsolute, relative, sep } from 'node:path';
import type { PlanNode } from '../contract/plan.ts';
import type { ProjectState } from '../contract/rpc.ts';
import { matchesPatterns } from '../files/file-patterns.ts';

/** Folders whose files no person edits. */
const foreign = /(?:^|\/)(?:node_modules|\.treadle|\.git)\//;

/**
 * Those of some files that are sources of a project, relative to it, with `/`: not what its steps write, nor what tools
 * keep in folders of their own. A broken project has none.
 */
export function sourcesAmong(files: readonly string[], state: ProjectState): readonly string[] {
  if (state.kind === 'broken') return [];
  const own = new Set(state.files);
  const outputs = [...new Set(state.pipelines.flatMap(({ plan }) => outputsOf(plan)))];
  const sources = files
    .map((file) => ({ file, path: relative(state.root, file).split(sep).join('/') }))
    .filter(({ file, path }) => own.has(file) || (isInside(path) && !foreign.test(path) && !matchesPatterns(outputs, path)));
  return [...new Set(sources.map(({ path }) => path))];
}

function isInside(path: string): boolean {
  return path !== '' && path !== '..' && !path.startsWith('../') && !isAbsolute(path);
}

function outputsOf(node: PlanNode): readonly string[] {
  return node.kind === 'step' ? (node.outputs ?? []) : node.children.flatMap(outputsOf);
}
