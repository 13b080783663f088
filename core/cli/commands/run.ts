import { TreadleError, type ExitCode } from '../../contract/errors.ts';
import { stepIds } from '../../contract/plan.ts';
import { createEngine, type RunRequest } from '../../engine.ts';
import { refuseEndless } from '../../outer-runs.ts';
import { planWithoutSecrets, withoutSecrets } from '../../secrets/without-secrets.ts';
import { reportersFor } from '../choose-reporters.ts';
import { chooseSteps, say } from '../chosen-steps.ts';
import { divided, emptyShard } from '../divided-run.ts';
import type { Console } from '../console.ts';
import { leave } from '../exit-guard.ts';
import { closeEngine, followRun, type Runner } from '../follow-run.ts';
import { Interruption } from '../interruption.ts';
import { explainUnknown } from '../misunderstanding.ts';
import { warnOfReadOnly } from '../not-kept.ts';
import { countSteps, renderPlan } from '../plan-tree.ts';
import { commandNames, type RunFlags } from '../flags.ts';
import { locateProject } from '../project-location.ts';
import { readWishes, toRequest, warnOfMisspelt } from '../run-request.ts';

/** `treadle run`: runs a pipeline, or those of all packages of a workspace, and reports on it. */
export async function runPipeline(pipeline: string | undefined, flags: RunFlags, console: Console): Promise<ExitCode> {
  const location = locateProject(flags);
  const wishes = readWishes(flags);
  const reporters = reportersFor(flags.reporter, console, location.cwd);
  console.reserveStdout();
  const interruption = new Interruption(leave, console.ci);
  let steps: ReadonlySet<string> | undefined;
  /** Runs what a request asks for, or shows it. */
  const carryOut = async (runner: Runner, wanted: RunRequest | undefined): Promise<ExitCode> => {
    // A shard tells of nothing, too: those who merge the shards wait for its file.
    if (wanted === undefined && flags.shard === undefined) return 0;
    const request = divided(runner, wanted ?? { ...(pipeline === undefined ? {} : { pipeline }), only: [] }, flags.shard);
    const idle = emptyShard(runner, request, wanted === undefined);
    if (idle !== undefined) say(console, idle);
    else if (flags.passWithNoSteps !== true && countSteps(runner.plan(request)) === 0) {
      throw new TreadleError('E_NO_STEPS', `The pipeline "${runner.nameOf(request)}" has no steps.`);
    }
    if (flags.dryRun !== true) {
      return followRun(runner, request, { reporters, traceFile: flags.trace, cwd: location.cwd, console, interruption });
    }
    console.out.write(renderPlan(planWithoutSecrets(runner.plan(request), process.env), 'execution', console.out.paint));
    return 0;
  };
  try {
    if (flags.recursive === true) {
      const { openPackages, choosePackageSteps } = await import('../package-runs.ts');
      const packages = await openPackages(pipeline, flags, { cwd: location.cwd, wishes });
      interruption.listen();
      const projects = packages.packages.map(({ engine }) => engine.project);
      warnOfMisspelt(projects, pipeline, wishes, console);
      if (flags.dryRun !== true) warnOfReadOnly(projects, flags, console);
      try {
        const request = await choosePackageSteps(packages, flags, { wishes, console });
        if (request !== undefined && flags.dryRun !== true) packages.refuseEndless(request);
        return await carryOut(packages, request);
      } finally {
        await closeEngine(packages, interruption);
      }
    }
    const engine = await createEngine(location);
    steps = new Set([...engine.project.pipelines.values()].flatMap(({ plan }) => stepIds(plan)));
    interruption.listen();
    warnOfMisspelt([engine.project], pipeline, wishes, console);
    if (flags.dryRun !== true) warnOfReadOnly([engine.project], flags, console);
    for (const { message, cause, code } of engine.project.plugins.problems) {
      // No step uses it, or the project would not have been loaded. A file that is no plugin at all has other uses.
      if (code === 'E_PLUGIN_INVALID' && cause === undefined) continue;
      console.err.say(withoutSecrets(`treadle: a plugin that no step uses is broken: ${message}\n`, process.env));
    }
    try {
      const request = await chooseSteps(engine, toRequest(engine.project, pipeline, flags, wishes), flags, console);
      if (request !== undefined && flags.dryRun !== true) {
        const ran = { configFile: engine.project.configFile, pipeline: engine.nameOf(request) };
        refuseEndless(ran, () => engine.plan(request));
      }
      return await carryOut(engine, request);
    } finally {
      await closeEngine(engine, interruption);
    }
  } catch (error) {
    throw explainUnknown(error, pipeline, commandNames, steps);
  } finally {
    interruption.release();
  }
}
