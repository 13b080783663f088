import type { ProjectProblem, ProjectRecord } from '../store/records.ts';
import type { DrawnRows } from '../tree/provider.ts';
import { codeBlock, codeSpan } from '../tree/markdown.ts';

export interface DiagnosisFacts {
  readonly extensionVersion: string;
  readonly editorVersion: string;
  readonly protocols: string;
  /** The Node.js that the extension itself runs on. */
  readonly hostNode: string;
  readonly platform: string;
  readonly isTrusted: boolean;
  readonly remote: string | undefined;
  readonly projects: readonly ProjectRecord[];
  /** What the Pipelines view has cost. */
  readonly drawn: DrawnRows;
  readonly settings: { readonly [name: string]: unknown };
  readonly logLines: readonly string[];
}

/** A document for a bug report: what runs what, and what was logged last. In English, whatever the editor's language: others read it. */
export function diagnosis(facts: DiagnosisFacts): string {
  const settings = Object.entries(facts.settings).filter(([, value]) => typeof value !== 'function');
  return [
    '# Treadle diagnosis',
    list([
      ['Extension', facts.extensionVersion],
      ['Editor', facts.editorVersion],
      ['Protocol versions', facts.protocols],
      ['Extension host', `Node.js ${facts.hostNode}, ${facts.platform}`],
      ['Workspace', facts.isTrusted ? 'trusted' : 'not trusted: nothing is loaded or started'],
      ['Remote', facts.remote ?? 'no'],
      ['Pipelines view', `refreshed ${facts.drawn.refreshes} times, ${facts.drawn.rows} rows`],
    ]),
    '## Projects',
    facts.projects.length === 0 ? 'No pipeline file was found.' : facts.projects.map(projectText).join('\n\n'),
    '## Settings',
    codeBlock(JSON.stringify(Object.fromEntries(settings), undefined, 2)),
    '## Last lines of the log',
    facts.logLines.length === 0 ? 'Nothing was logged.' : codeBlock(facts.logLines.join('\n')),
    '',
  ].join('\n\n');
}

function projectText(project: ProjectRecord): string {
  const { problem, pipelines, plugins, warnings } = project;
  const entries: [string, string][] = [
    ['Pipeline file', codeSpan(project.configFile)],
    ['Folder', codeSpan(project.root)],
    ['State', project.state],
    ['Treadle', project.coreVersion ?? 'unknown'],
    ['Node.js', project.node ?? 'unknown'],
    ['Pipelines', pipelines.map(({ name, watched }) => `${codeSpan(name)}${watched ? ' (reruns on save)' : ''}`).join(', ') || 'none'],
    ['Plugins of its own', plugins.flatMap(({ name, file }) => (file === undefined ? [] : [codeSpan(name)])).join(', ') || 'none'],
  ];
  if (problem !== undefined) entries.push(['Problem', problemText(problem)]);
  const plugged = warnings.map(({ message }) => codeBlock(message));
  return [`### ${project.label}`, list(entries), ...plugged].join('\n\n');
}

function problemText(problem: ProjectProblem): string {
  switch (problem.kind) {
    case 'untrusted':
      return 'the folder is not trusted';
    case 'no-treadle':
      return 'Treadle is not installed';
    case 'no-node':
      return `no Node.js; tried ${problem.tried.map(codeSpan).join(', ') || 'nothing'}`;
    case 'version':
      return problem.message;
    case 'engine':
      return `engine: ${codeSpan(problem.message)}`;
    case 'config':
      return (
        problem.errors.map(({ code, message }) => `${code}: ${codeSpan(message)}`).join('; ') || 'the pipeline file could not be loaded'
      );
  }
}

function list(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([name, value]) => `- ${name}: ${value}`).join('\n');
}
