import type { NodeRecord, PipelineRecord, ProjectRecord } from '../store/records.ts';

/** What a menu may ask about a node, as words that `viewItem =~ /\bword\b/` finds. */
export function nodeContext(
  node: NodeRecord,
  project: ProjectRecord | undefined,
  pipeline: PipelineRecord | undefined,
  killable = false,
): string {
  const isActive = node.state === 'running' || node.state === 'queued';
  const isTrusted = project?.problem?.kind !== 'untrusted';
  const tokens = [
    node.kind,
    node.kind !== 'pipeline' && 'inside',
    isActive ? 'running' : isTrusted && 'runnable',
    killable && 'killable',
    isTrusted && !isActive && isDebuggable(node, project) && 'debuggable',
    node.failedSteps > 0 && 'failed',
    (node.error !== undefined || node.tests.some(({ status }) => status === 'failed')) && 'error',
    node.location !== undefined && 'source',
    node.kind === 'step' && node.runId !== undefined && node.state !== 'queued' && node.state !== 'skipped' && 'output',
    isTrusted && pipeline !== undefined && (pipeline.watched ? 'watched' : 'unwatched'),
  ];
  return tokens.filter((token) => token !== false).join(' ');
}

/** Whether there is code of the project's own to stop in: a function, or a plugin that has a file. */
export function isDebuggable(node: NodeRecord, project: ProjectRecord | undefined): boolean {
  if (node.kind !== 'step') return false;
  return node.uses === undefined || (project?.plugins.some(({ name, file }) => name === node.uses && file !== undefined) ?? false);
}
