import { posix } from 'node:path';
import type { SerializedError } from '../contract/errors.ts';
import type { RunEvent, RunEventBody } from '../contract/events.ts';
import type { SourceLocation } from '../contract/status.ts';
import { nodeId, type JointMember } from './joint-plan.ts';

/**
 * An event of a package's run as one of the joint run: ids and files get the package before them.
 *
 * @param overall - from the package's progress to that of all
 * @returns `undefined` for the beginning and the end of the package's run
 */
export function jointEvent(event: RunEvent, member: JointMember, overall: (percent: number) => number): RunEventBody | undefined {
  const { v: _v, seq: _seq, ts: _ts, runId: _runId, ...body } = event;
  switch (body.type) {
    case 'run:start':
    case 'run:end':
      return undefined;
    case 'group:end':
      return {
        ...body,
        id: nodeId(member, body.id),
        conflicts: body.conflicts.map((conflict) => ({
          ...conflict,
          stepIds: conflict.stepIds.map((id) => nodeId(member, id)),
          kept: nodeId(member, conflict.kept),
        })),
        ...errorOf(body, member),
      };
    case 'step:end':
      return { ...body, id: nodeId(member, body.id), overall: overall(body.overall), ...errorOf(body, member) };
    case 'step:progress':
      return { ...body, id: nodeId(member, body.id), overall: overall(body.overall) };
    case 'step:retry':
      return { ...body, id: nodeId(member, body.id), error: jointError(body.error, member) };
    case 'step:diagnostic':
    case 'step:attachment':
      return { ...body, id: nodeId(member, body.id), file: inPackage(body.file, member) };
    case 'step:test':
      return {
        ...body,
        id: nodeId(member, body.id),
        ...(body.location === undefined ? {} : { location: jointLocation(body.location, member) }),
      };
    default:
      return { ...body, id: nodeId(member, body.id) };
  }
}

/** An error of a package's run as one of the joint run. */
export function jointError(error: SerializedError, member: JointMember): SerializedError {
  return mapError(error, (each) => ({
    ...(each.stepId === undefined ? {} : { stepId: nodeId(member, each.stepId) }),
    ...(each.location === undefined ? {} : { location: jointLocation(each.location, member) }),
  }));
}

/** An error whose places are those of a package, with places of the workspace. */
export function inFolderOf(error: SerializedError, folder: string): SerializedError {
  return mapError(error, ({ location }) => (location === undefined ? {} : { location: jointLocation(location, { folder }) }));
}

function mapError(error: SerializedError, change: (error: SerializedError) => Partial<SerializedError>): SerializedError {
  const { cause, errors } = error;
  return {
    ...error,
    ...change(error),
    ...(cause === undefined ? {} : { cause: mapError(cause, change) }),
    ...(errors === undefined ? {} : { errors: errors.map((each) => mapError(each, change)) }),
  };
}

function errorOf({ error }: { readonly error?: SerializedError }, member: JointMember): { readonly error?: SerializedError } {
  return error === undefined ? {} : { error: jointError(error, member) };
}

function jointLocation(location: SourceLocation, member: Pick<JointMember, 'folder'>): SourceLocation {
  return { ...location, file: inPackage(location.file, member) };
}

/** Files outside of a package come as absolute paths, and stay so. */
function inPackage(file: string, { folder }: Pick<JointMember, 'folder'>): string {
  return file.startsWith('/') || /^[A-Za-z]:/.test(file) ? file : posix.normalize(`${folder}/${file}`);
}
