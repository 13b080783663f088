import type { ExitCode } from '../../contract/errors.ts';
import { loadProject } from '../../config/load-project.ts';
import { planWithoutSecrets } from '../../secrets/without-secrets.ts';
import type { Console } from '../console.ts';
import { renderPlan } from '../plan-tree.ts';
import type { ListFlags } from '../flags.ts';
import { locateProject } from '../project-location.ts';

/** `treadle list`: the project's pipelines and their steps. */
export async function listPipelines(flags: ListFlags, console: Console): Promise<ExitCode> {
  console.reserveStdout();
  const project = await loadProject(locateProject(flags));
  const plans = [...project.pipelines.values()].map(({ name, plan }) => ({ name, plan: planWithoutSecrets(plan, process.env) }));
  if (flags.json === true) {
    console.out.write(`${JSON.stringify({ root: project.root, configFile: project.configFile, pipelines: plans }, undefined, 2)}\n`);
    return 0;
  }
  console.out.write(plans.map(({ plan }) => renderPlan(plan, 'purpose', console.out.paint)).join('\n'));
  return 0;
}
