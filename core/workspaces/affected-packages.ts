import { relative, sep } from 'node:path';
import { stepIds } from '../contract/plan.ts';
import { neededSteps } from '../watch/needed-steps.ts';
import { nodeId } from './joint-plan.ts';
import type { RunMember } from './joint-run.ts';

/**
 * Steps of a joint plan that files call for: those that depend on them, whole packages whose pipeline changed, and all of
 * the packages that depend on a package in which anything changed.
 *
 * @param files - relative to the workspace, with `/`
 * @returns joint ids
 */
export function affectedInPackages(files: readonly string[], members: readonly RunMember[], root: string): ReadonlySet<string> {
  const touched = new Set<string>();
  const affected = new Set<string>();
  for (const member of members) {
    const prefix = `${member.folder}/`;
    const inside = files.filter((file) => file.startsWith(prefix));
    const pipelineFiles = new Set(member.engine.project.dependencies.map((file) => relative(root, file).split(sep).join('/')));
    const whole = member.after.some((name) => touched.has(name)) || files.some((file) => pipelineFiles.has(file));
    const ids = whole
      ? stepIds(member.plan)
      : [
          ...neededSteps(
            inside.map((file) => file.slice(prefix.length)),
            member.plan,
          ).keys(),
        ];
    for (const id of ids) affected.add(nodeId(member, id));
    if (whole || inside.length > 0) touched.add(member.name);
  }
  return affected;
}
