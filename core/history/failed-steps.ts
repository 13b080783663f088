import { stepIds, type Plan } from '../contract/plan.ts';
import { storedRuns } from './run-digest.ts';

/**
 * The steps of a pipeline that failed and have not passed since, as the stored runs tell; `undefined` when there are none.
 *
 * @param plan - the whole pipeline as it is now
 */
export function failedSteps(root: string, pipeline: string, plan: Plan): readonly string[] | undefined {
  const ids = stepIds(plan);
  const open = new Set(ids);
  const failed = new Set<string>();
  let known = false;
  for (const run of storedRuns(root, { pipeline })) {
    known = true;
    for (const { id, status } of run.steps) {
      // A step that another failure, or a person, kept from running is as it was.
      if (status === 'cancelled' || status === 'skipped') continue;
      if (open.delete(id) && status !== 'passed') failed.add(id);
    }
    // A whole run that passed leaves nothing to mend, whatever it skipped.
    if (open.size === 0 || (run.status === 'passed' && isWhole(run.plan, ids))) break;
  }
  return known ? ids.filter((id) => failed.has(id)) : undefined;
}

function isWhole(plan: Plan, ids: readonly string[]): boolean {
  const ran = new Set(stepIds(plan));
  return ids.every((id) => ran.has(id));
}
