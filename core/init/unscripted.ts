import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundSteps } from './find-steps.ts';
import type { ProjectManifest } from './manifest.ts';
import { firstExisting } from './present.ts';
import { playwrightConfigs } from './server.ts';
import { makeStep, type StepDraft } from './step-draft.ts';
import type { TypeScriptFacts } from './tsconfig.ts';

/** They write types of their own first, and check them when they build. */
const frameworks = ['next', 'nuxt', 'astro', '@sveltejs/kit', '@angular/core', 'expo', '@react-router/dev', '@tanstack/react-start'];

/** Adds what a project is set up for, but has no script for: the tool is installed, and so are its settings. */
export function addUnscripted(
  found: FoundSteps,
  root: string,
  manifest: ProjectManifest,
  typescript: TypeScriptFacts | undefined,
): FoundSteps {
  const { packages } = manifest;
  const uses = (program: RegExp): boolean => [...manifest.scripts.values()].some((script) => program.test(script)) || delegates(found);
  const checks: StepDraft[] = [];
  const eslint = ['js', 'mjs', 'cjs', 'ts', 'mts'].map((extension) => `eslint.config.${extension}`);
  if (packages.has('eslint') && firstExisting(root, eslint) !== undefined && !uses(/\b(?:eslint|xo|standard|oxlint|biome|next lint)\b/)) {
    checks.push(makeStep({ id: 'lint', kind: 'lint', command: 'eslint .', problemMatcher: '$eslint-stylish' }));
  }
  if (packages.has('@biomejs/biome') && firstExisting(root, ['biome.json', 'biome.jsonc']) !== undefined && !uses(/\bbiome\b/)) {
    checks.push(makeStep({ id: 'biome', kind: 'lint', command: 'biome check', problemMatcher: '$biome' }));
  }
  if (
    packages.has('oxlint') &&
    firstExisting(root, ['.oxlintrc.json']) !== undefined &&
    !uses(/\b(?:eslint|xo|standard|oxlint|biome|next lint)\b/)
  ) {
    checks.push(makeStep({ id: 'lint', kind: 'lint', command: 'oxlint --format=stylish', problemMatcher: '$eslint-stylish' }));
  }
  if (
    packages.has('typescript') &&
    !frameworks.some((name) => packages.has(name)) &&
    typescript !== undefined &&
    !typescript.isSolution &&
    !uses(/\b(?:tsc|tsgo|vue-tsc|svelte-check|astro check)\b/)
  ) {
    checks.push(makeStep({ id: 'types', kind: 'types', command: typescript.onlyChecks ? 'tsc' : 'tsc --noEmit', problemMatcher: '$tsc' }));
  }
  return {
    ...found,
    checks: [...found.checks, ...checks],
    tests: found.tests.length > 0 ? found.tests : testsOf(root, packages),
    e2e:
      found.e2e.length === 0 && packages.has('@playwright/test') && firstExisting(root, playwrightConfigs) !== undefined
        ? [makeStep({ id: 'e2e', kind: 'e2e', command: 'playwright test', reportsTests: true })]
        : found.e2e,
  };
}

/** Whether the scripts hand everything on to a tool for repositories of several packages. */
function delegates({ checks }: FoundSteps): boolean {
  return checks.some(({ command }) => /^(?:turbo|nx|lerna|moon|wireit)\b/.test(command));
}

function testsOf(root: string, packages: ReadonlyMap<string, string>): readonly StepDraft[] {
  const test = (command: string): readonly StepDraft[] => [makeStep({ id: 'test', kind: 'test', command, reportsTests: true })];
  if (packages.has('vitest')) return test('vitest run');
  if (packages.has('jest')) return test('jest');
  if (packages.has('mocha')) return test('mocha');
  if (packages.has('ava')) return test('ava --tap');
  // Files that `node --test` finds by itself.
  const hasTests = existsSync(join(root, 'test')) && readdirSync(join(root, 'test')).some((name) => /\.test\.[cm]?js$/.test(name));
  return hasTests ? test('node --test') : [];
}
