import { join } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { stepIds } from '../contract/plan.ts';
import type { Engine, RunRequest } from '../engine.ts';
import { lockFiles } from '../files/lock-files.ts';
import { failedSteps } from '../history/failed-steps.ts';
import { gitChanges } from '../watch/git-changes.ts';
import { neededSteps, withWhatTheyNeed } from '../watch/needed-steps.ts';
import type { Console } from './console.ts';
import type { Runner } from './follow-run.ts';
import type { RunFlags } from './flags.ts';

/**
 * Narrows a request down to the steps that `--failed` and `--affected` choose, and says how it came to that.
 *
 * @returns `undefined` when there is nothing to run
 * @throws `E_USAGE`
 */
export async function chooseSteps(engine: Engine, request: RunRequest, flags: RunFlags, console: Console): Promise<RunRequest | undefined> {
  let chosen: RunRequest | undefined = request;
  if (flags.failed === true) chosen = failedOnly(engine, chosen, console);
  if (chosen !== undefined && (flags.affected === true || flags.since !== undefined)) {
    chosen = await affectedOnly(engine, chosen, flags.since, console);
  }
  return chosen;
}

/** Narrows a request down to what failed. */
export function failedOnly(engine: Runner, request: RunRequest, console: Console): RunRequest | undefined {
  const plan = engine.plan(request);
  const failed = failedSteps(engine.project.root, engine.nameOf(request), plan);
  if (failed === undefined) {
    throw new TreadleError('E_USAGE', 'Nothing is known of earlier runs, so --failed has nothing to go by.', {
      hint: 'Run without --failed once. Earlier runs are kept in .treadle/runs, unless TREADLE_HISTORY is off.',
    });
  }
  if (failed.length === 0) {
    say(console, 'Nothing has failed: there is nothing to run again.');
    return undefined;
  }
  const only = withWhatTheyNeed(failed, plan);
  const besides = only.length - failed.length;
  if (besides > 0) say(console, `${failed.length} failed; ${besides} more ${besides === 1 ? 'runs' : 'run'} for what they leave to those.`);
  return { ...request, only };
}

async function affectedOnly(
  engine: Engine,
  request: RunRequest,
  since: string | undefined,
  console: Console,
): Promise<RunRequest | undefined> {
  const { root, dependencies } = engine.project;
  const changes = await gitChanges({ root, env: process.env, ...(since === undefined ? {} : { since }) });
  if (changes.kind === 'unknown') {
    sayUnknown(console, changes.reason);
    return request;
  }
  const { files, elsewhere } = changes;
  const many = files.length === 1 ? '1 file' : `${files.length} files`;
  const own = new Set(dependencies);
  const decisive =
    files.find((file) => own.has(join(root, file)) || lockFiles.has(file)) ??
    elsewhere.find((file) => lockFiles.has(file.replace(/^.*\//, '')));
  if (decisive !== undefined) {
    say(console, `Every step is affected: ${decisive} changed since ${changes.since}.`);
    return request;
  }
  const plan = engine.plan(request);
  const all = stepIds(plan);
  const needed = neededSteps(files, plan);
  const affected = [...needed.values()].filter(({ kind }) => kind === 'file' || kind === 'earlier-step').length;
  if (needed.size === 0) {
    say(console, `No step is affected: ${many} changed since ${changes.since}.`);
    return undefined;
  }
  const besides = needed.size - affected;
  say(
    console,
    `${affected} of ${all.length} steps affected: ${many} changed since ${changes.since}.${besides === 0 ? '' : ` ${besides} more ${besides === 1 ? 'runs' : 'run'} for what they leave to those.`}`,
  );
  return { ...request, only: all.filter((id) => needed.has(id)) };
}

/** Says something besides the report, which may be standard output. */
export function say(console: Console, text: string): void {
  console.err.say(`${console.err.paint('dim', text)}\n`);
}

/** Why everything runs although only what is affected was asked for. */
export function sayUnknown(console: Console, reason: string): void {
  console.err.say(
    `treadle: --affected cannot tell what changed, so every step runs: ${reason}.\n` +
      `         Fetch the history: in GitHub Actions with "fetch-depth: 0", in GitLab with GIT_DEPTH: 0, or with "git fetch --unshallow".\n`,
  );
}
