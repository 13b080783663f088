import { TreadleError } from '../contract/errors.ts';
import { stepIds } from '../contract/plan.ts';
import type { RunRequest } from '../engine.ts';
import { lockFiles } from '../files/lock-files.ts';
import { gitChanges } from '../watch/git-changes.ts';
import { affectedInPackages } from '../workspaces/affected-packages.ts';
import { openWorkspace, type WorkspaceEngine } from '../workspaces/workspace-engine.ts';
import { failedOnly, say, sayUnknown } from './chosen-steps.ts';
import type { Console } from './console.ts';
import type { RunFlags } from './flags.ts';
import { toRequest, type RunWishes } from './run-request.ts';

/** Options that mean one project. */
const ofOneProject = { config: '--config', from: '--from', watch: '--watch' } as const;

/**
 * Opens the packages of a workspace for `treadle run -r`.
 *
 * @throws `E_USAGE` for options that go with one project only, and what {@link openWorkspace} throws.
 */
export async function openPackages(
  pipeline: string | undefined,
  flags: RunFlags,
  { cwd, wishes }: { readonly cwd: string; readonly wishes: RunWishes },
): Promise<WorkspaceEngine> {
  for (const [key, option] of Object.entries(ofOneProject)) {
    if (Object.hasOwn(flags, key)) {
      throw new TreadleError('E_USAGE', `${option} cannot be combined with -r.`, {
        hint: 'It is about one project: use it in that folder, without -r.',
      });
    }
  }
  const { only: _chosen, timeout: _whole, ...own } = flags;
  return openWorkspace({
    cwd,
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(flags.packageWorkers === undefined ? {} : { atOnce: flags.packageWorkers }),
    request: (engine) => toRequest(engine.project, pipeline, own, { ...wishes, timeoutMs: undefined }),
  });
}

/** What of the packages is to run: see `chooseSteps` for one project. */
export async function choosePackageSteps(
  packages: WorkspaceEngine,
  flags: RunFlags,
  { wishes, console }: { readonly wishes: RunWishes; readonly console: Console },
): Promise<RunRequest | undefined> {
  let request: RunRequest | undefined = {
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.failFast === undefined ? {} : { failFast: flags.failFast }),
    ...(wishes.timeoutMs === undefined ? {} : { timeoutMs: wishes.timeoutMs }),
  };
  if (flags.failed === true) request = failedOnly(packages, request, console);
  if (request === undefined || (flags.affected !== true && flags.since === undefined)) return request;
  const { root } = packages.project;
  const changes = await gitChanges({ root, env: process.env, ...(flags.since === undefined ? {} : { since: flags.since }) });
  if (changes.kind === 'unknown') {
    sayUnknown(console, changes.reason);
    return request;
  }
  const { files, elsewhere, since } = changes;
  const lockFile = [...files, ...elsewhere].find((file) => lockFiles.has(file.replace(/^.*\//, '')));
  if (lockFile !== undefined) {
    say(console, `Every step is affected: ${lockFile} changed since ${since}.`);
    return request;
  }
  const ids = stepIds(packages.plan(request));
  const affected = affectedInPackages(files, packages.members(), root);
  const only = ids.filter((id) => affected.has(id));
  const many = files.length === 1 ? '1 file' : `${files.length} files`;
  say(
    console,
    `${only.length === 0 ? 'No step is' : `${only.length} of ${ids.length} steps are`} affected: ${many} changed since ${since}.`,
  );
  return only.length === 0 ? undefined : { ...request, only };
}
