import type { SourceLocation } from '../../../core/contract/status.ts';
import type { ProjectProblem, ProjectRecord } from '../store/records.ts';
import type { Translate } from '../translate.ts';
import type { Icon } from './icons.ts';
import { firstLine } from './labels.ts';

/** A row that says why a project has no pipelines, and the command that helps. */
export interface ProblemRow {
  readonly label: string;
  readonly description?: string;
  readonly icon: Icon;
  readonly command: string;
}

const errorIcon: Icon = { id: 'error', color: 'problemsErrorIcon.foreground' };

export function problemRow(project: ProjectRecord, problem: ProjectProblem, index: number, t: Translate): ProblemRow {
  switch (problem.kind) {
    case 'untrusted':
      return { label: t('This folder is not trusted'), icon: { id: 'shield' }, command: 'workbench.trust.manage' };
    case 'no-treadle':
      return {
        label: t('Treadle is not installed here'),
        description: t('install it'),
        icon: { id: 'cloud-download' },
        command: 'treadle.install',
      };
    case 'no-node':
      return { label: t('Node.js was not found'), description: t('diagnose'), icon: errorIcon, command: 'treadle.diagnose' };
    case 'version':
      return {
        label: t('Treadle {0} and this extension do not understand each other', problem.coreVersion),
        description: t('diagnose'),
        icon: errorIcon,
        command: 'treadle.diagnose',
      };
    case 'engine':
      return {
        label: firstLine(problem.message) ?? t('The engine has stopped'),
        description: t('restart it'),
        icon: errorIcon,
        command: 'treadle.restartEngine',
      };
    case 'config': {
      const error = problem.errors[index];
      if (error === undefined) return { label: t('The pipeline file could not be loaded'), icon: errorIcon, command: 'treadle.showLog' };
      const { location } = error;
      return {
        label: firstLine(withoutPlace(error.message, location)) ?? error.code,
        description: location === undefined ? project.label : `${location.file}:${location.line}`,
        icon: errorIcon,
        command: 'treadle.openSource',
      };
    }
  }
}

/** A message without the place that stands behind it in the row: a narrow sidebar has no room for it twice. */
function withoutPlace(message: string, location: SourceLocation | undefined): string {
  if (location === undefined) return message;
  const place = `${location.file}:${location.line}`;
  const rest = message.startsWith(place) ? /^(?::\d+)?:\s+(?<rest>\S.*)/s.exec(message.slice(place.length))?.groups?.['rest'] : undefined;
  return rest ?? message;
}

/** What is wrong with a project, in a few words, for those who listen. */
export function problemWord(problem: ProjectProblem, t: Translate): string {
  switch (problem.kind) {
    case 'untrusted':
      return t('not trusted');
    case 'no-treadle':
      return t('Treadle is not installed here');
    case 'no-node':
      return t('Node.js was not found');
    case 'version':
      return t('version mismatch');
    case 'engine':
      return t('The engine has stopped');
    case 'config':
      return t('The pipeline file could not be loaded');
  }
}
