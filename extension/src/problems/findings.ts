import { dirname } from 'node:path';
import type { SerializedError } from '../../../core/contract/errors.ts';
import type { Diagnostic } from '../../../core/contract/events.ts';
import { isBelow, projectPath } from '../project-path.ts';
import type { NodeRecord, ProjectRecord } from '../store/records.ts';

/** Of more problems in one step, the first ones are shown: the output has them all. */
const mostPerStep = 1000;

/** One problem at a place in a file; lines and columns count from 1. */
export interface Finding extends Omit<Diagnostic, 'file'> {
  /** Absolute. */
  readonly file: string;
}

/**
 * What a step's last run found in files of the project; `undefined` as long as that is not known and what was found
 * before still counts: while it waits, runs without having found anything, or was kept from running.
 */
export function findingsOfStep(project: ProjectRecord, node: NodeRecord): readonly Finding[] | undefined {
  const { state, diagnostics, error } = node;
  const isOver = state === 'passed' || state === 'failed' || state === 'timed-out';
  if (!isOver && diagnostics.length === 0) return undefined;
  const found = diagnostics.slice(0, mostPerStep).flatMap((diagnostic) => inProject(project, diagnostic));
  // An error that its own findings explain would be a second mark for one mistake.
  if (found.length > 0 || error === undefined || !isOver || state === 'passed') return found;
  return errorFinding(project, error, node.id);
}

/** What is wrong with a project's pipeline file and plugins. */
export function findingsOfProject(project: ProjectRecord): readonly Finding[] {
  const { problem, warnings } = project;
  const errors = problem?.kind === 'config' ? problem.errors : [];
  const whole = (error: SerializedError): readonly Finding[] => {
    const located = errorFinding(project, error, 'treadle');
    return located.length > 0
      ? located
      : [{ file: project.configFile, line: 1, column: 1, severity: 'error', message: textOf(error), source: 'treadle', code: error.code }];
  };
  return [...errors.flatMap(whole), ...warnings.flatMap(whole).map((finding) => ({ ...finding, severity: 'warning' as const }))];
}

function errorFinding(project: ProjectRecord, error: SerializedError, source: string): readonly Finding[] {
  if (error.location === undefined) return [];
  return inProject(project, { ...error.location, severity: 'error', message: textOf(error), source, code: error.code });
}

/** What lies elsewhere is not this project's to mend. */
function inProject(project: ProjectRecord, diagnostic: Diagnostic): readonly Finding[] {
  const file = projectPath(project, diagnostic.file);
  return file === undefined || !isBelow(dirname(project.configFile), file) ? [] : [{ ...diagnostic, ...ownCode(diagnostic), file }];
}

/** The editor writes `eslint(no-undef)`; some tools say just that for the rule, and it would be there twice. */
function ownCode({ source, code }: Diagnostic): Pick<Diagnostic, 'code'> {
  return code?.startsWith(`${source}(`) === true && code.endsWith(')') ? { code: code.slice(source.length + 1, -1) } : {};
}

function textOf({ message, hint }: SerializedError): string {
  return hint === undefined ? message : `${message}\n${hint}`;
}
