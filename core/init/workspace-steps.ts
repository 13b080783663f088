import { findSteps, type FoundSteps } from './find-steps.ts';
import type { PackageManager } from './package-manager.ts';
import { runsInAllPackages } from './scripts/references.ts';
import type { StepDraft } from './step-draft.ts';
import type { PackageFacts } from './workspaces.ts';

/** More packages than this are better left to the package manager. */
const mostPackages = 20;

type StepList = 'checks' | 'builds' | 'tests';

/** Puts the steps of each package where the project has no script of its own, or one that only hands on to them. */
export function workspaceSteps(own: FoundSteps, workspaces: readonly PackageFacts[], manager: PackageManager): FoundSteps {
  if (workspaces.length === 0 || workspaces.length > mostPackages) return own;
  const found = workspaces.map(({ folder, manifest }) => ({
    folder,
    steps: findSteps({
      scripts: manifest.scripts,
      runScript: manager.script,
      tscOnlyChecks: false,
      ...(manager.plugAndPlay ? { launcher: manager.exec } : {}),
    }),
  }));
  const within = (list: StepList): readonly StepDraft[] =>
    found.flatMap(({ folder, steps }) => steps[list].map((step) => ({ ...step, id: `${folder} ${step.id}`, cwd: folder })));
  const replace = (list: StepList): readonly StepDraft[] => {
    const rest = own[list].filter(({ command }) => !runsInAllPackages(command));
    const handsOn = rest.length < own[list].length || own[list].length === 0;
    const packages = handsOn ? within(list) : [];
    return packages.length === 0 ? own[list] : [...rest, ...packages];
  };
  const builds = replace('builds');
  // Packages find each other as they were built.
  return { ...own, checks: replace('checks'), builds, tests: replace('tests'), testsNeedBuild: own.testsNeedBuild || builds.length > 0 };
}
