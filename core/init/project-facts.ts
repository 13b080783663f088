import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findCodeStyle, type CodeStyle } from './code-style.ts';
import { findSteps, type FoundSteps } from './find-steps.ts';
import { type ProjectManifest, readManifest } from './manifest.ts';
import { findPackageManager, type PackageManager } from './package-manager.ts';
import { findServer, type ServerDraft } from './server.ts';
import { readTypeScriptFacts, type TypeScriptFacts } from './tsconfig.ts';
import { addUnscripted } from './unscripted.ts';
import { findPackages, type PackageFacts } from './workspaces.ts';
import { workspaceSteps } from './workspace-steps.ts';

/** What a project is, as far as its files tell. */
export interface ProjectFacts {
  readonly root: string;
  readonly manifest: ProjectManifest;
  readonly packageManager: PackageManager;
  readonly typescript: TypeScriptFacts | undefined;
  readonly usesTypeScript: boolean;
  readonly style: CodeStyle;
  readonly steps: FoundSteps;
  readonly server: ServerDraft | undefined;
  readonly workspaces: readonly PackageFacts[];
  /** Files of CI systems that are there already. */
  readonly ciFiles: readonly string[];
  /** Where its own sources are, for the sample plugin. */
  readonly sourceFolder: string | undefined;
  readonly isRepository: boolean;
}

/** @throws `E_INIT` when package.json is broken. */
export function readProjectFacts(root: string): ProjectFacts {
  const manifest = readManifest(root);
  const packageManager = findPackageManager(root);
  const typescript = readTypeScriptFacts(root, manifest.packages.get('typescript'));
  const workspaces = findPackages(root);
  const own = findSteps({
    scripts: manifest.scripts,
    runScript: packageManager.script,
    tscOnlyChecks: typescript?.onlyChecks === true && !typescript.isSolution,
    ...(packageManager.plugAndPlay ? { launcher: packageManager.exec } : {}),
  });
  const steps = withInputs(
    workspaceSteps(addUnscripted(own, root, manifest, typescript), workspaces, packageManager),
    typescript,
    workspaces,
  );
  return {
    root,
    manifest,
    packageManager,
    typescript,
    usesTypeScript: typescript !== undefined || manifest.packages.has('typescript'),
    style: findCodeStyle(root, manifest),
    steps,
    server: steps.e2e.some(({ plugin }) => plugin === 'tests') ? findServer(root, manifest, packageManager.script) : undefined,
    workspaces,
    ciFiles: findCiFiles(root),
    sourceFolder: ['src', 'source', 'lib', 'app'].find((folder) => existsSync(join(root, folder))),
    isRepository: existsSync(join(root, '.git')),
  };
}

const typeScriptFiles = ['**/*.{ts,tsx,mts,cts}', '**/*.{js,jsx,mjs,cjs,json}'];

/** `tsc` reads files of a few kinds, and nothing else of a project: that is the one command whose inputs are certain. */
function withInputs(steps: FoundSteps, typescript: TypeScriptFacts | undefined, workspaces: readonly PackageFacts[]): FoundSteps {
  // Packages of a workspace are found through links in node_modules, which those patterns pass over.
  if (typescript === undefined || workspaces.length > 0) return steps;
  const isPlain = (command: string): boolean => /^tsc(?:\s+(?:--noEmit|-p|--project|[\w./-]+\.json|--pretty(?:\s+\w+)?))*$/.test(command);
  return {
    ...steps,
    checks: steps.checks.map((step) => (step.kind === 'types' && isPlain(step.command) ? { ...step, inputs: typeScriptFiles } : step)),
  };
}

function findCiFiles(root: string): readonly string[] {
  const workflows = join(root, '.github/workflows');
  const github = existsSync(workflows) ? readdirSync(workflows).filter((name) => /\.ya?ml$/.test(name)) : [];
  const others = ['.gitlab-ci.yml', 'azure-pipelines.yml', 'Jenkinsfile', '.circleci/config.yml', '.travis.yml', 'bitbucket-pipelines.yml'];
  return [...github.toSorted().map((name) => `.github/workflows/${name}`), ...others.filter((name) => existsSync(join(root, name)))];
}
