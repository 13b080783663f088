import { TreadleError, type ExitCode } from '../../contract/errors.ts';
import { createEngine } from '../../engine.ts';
import { planWithoutSecrets } from '../../secrets/without-secrets.ts';
import { reportersFor } from '../choose-reporters.ts';
import { chooseSteps } from '../chosen-steps.ts';
import type { Console } from '../console.ts';
import { leave } from '../exit-guard.ts';
import { closeEngine, followRun } from '../follow-run.ts';
import { Interruption } from '../interruption.ts';
import { explainUnknown } from '../misunderstanding.ts';
import { countSteps, renderPlan } from '../plan-tree.ts';
import { commandNames, type RunFlags } from '../flags.ts';
import { locateProject } from '../project-location.ts';
import { readWishes, toRequest } from '../run-request.ts';

/** `treadle run`: runs a pipeline and reports on it. */
export async function runPipeline(pipeline: string | undefined, flags: RunFlags, console: Console): Promise<ExitCode> {
  const location = locateProject(flags);
  const wishes = readWishes(flags);
  const reporters = reportersFor(flags.reporter, console, location.cwd);
  console.reserveStdout();
  const interruption = new Interruption(leave);
  try {
    const engine = await createEngine(location);
    try {
      const request = await chooseSteps(engine, toRequest(engine.project, pipeline, flags, wishes), flags, console);
      if (request === undefined) return 0;
      if (flags.passWithNoSteps !== true && countSteps(engine.plan(request)) === 0) {
        throw new TreadleError('E_NO_STEPS', `The pipeline "${engine.nameOf(request)}" has no steps.`);
      }
      if (flags.dryRun === true) {
        console.out.write(renderPlan(planWithoutSecrets(engine.plan(request), process.env), 'execution', console.out.paint));
        return 0;
      }
      return await followRun(engine, request, { reporters, traceFile: flags.trace, cwd: location.cwd, console, interruption });
    } finally {
      await closeEngine(engine, interruption);
    }
  } catch (error) {
    throw explainUnknown(error, pipeline, commandNames);
  } finally {
    interruption.release();
  }
}
