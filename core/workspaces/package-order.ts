import { TreadleError } from '../contract/errors.ts';
import type { WorkspacePackage } from './find-packages.ts';

/** A package, and those that must have passed before it begins. */
export interface OrderedPackage extends WorkspacePackage {
  /** Names of the chosen packages that it depends on, directly or through packages that were not chosen. */
  readonly after: readonly string[];
}

/**
 * Packages in the order of their dependencies; among those that do not depend on each other, by folder.
 *
 * @param chosen - whether a package takes part; its dependencies count all the same
 * @throws `E_CONFIG_INVALID` for packages that depend on each other in a circle.
 */
export function orderPackages(
  packages: readonly WorkspacePackage[],
  chosen: (member: WorkspacePackage) => boolean,
): readonly OrderedPackage[] {
  const byName = new Map(packages.map((member) => [member.name, member]));
  const ordered: OrderedPackage[] = [];
  /** For each package that was visited: chosen packages that have to pass before what needs it. */
  const before = new Map<string, ReadonlySet<string>>();
  const path: string[] = [];

  const visit = (member: WorkspacePackage): ReadonlySet<string> => {
    const known = before.get(member.name);
    if (known !== undefined) return known;
    if (path.includes(member.name)) throw circle([...path.slice(path.indexOf(member.name)), member.name]);
    path.push(member.name);
    const after = new Set<string>();
    for (const name of member.needs) {
      const needed = byName.get(name);
      for (const each of needed === undefined ? [] : visit(needed)) after.add(each);
    }
    path.pop();
    const isChosen = chosen(member);
    if (isChosen) ordered.push({ ...member, after: [...after] });
    const gives = isChosen ? new Set([member.name]) : after;
    before.set(member.name, gives);
    return gives;
  };
  for (const member of packages) visit(member);
  return ordered;
}

function circle(names: readonly string[]): TreadleError {
  return new TreadleError('E_CONFIG_INVALID', `Packages depend on each other in a circle: ${names.join(' → ')}.`, {
    hint: 'Remove one of these dependencies: none of the packages could come first.',
  });
}
