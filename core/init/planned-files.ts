import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { IgnoredFiles } from '../files/ignored-files.ts';
import { repositoryRoot } from '../files/repository-root.ts';
import { ciFile, type CiSystem } from './ci-files.ts';
import { withIgnoredFolder, withRecommendation } from './editor-files.ts';
import { formatWith } from './format-with.ts';
import { linterRemarks } from './linter-remarks.ts';
import { nameFiles, pipelineText } from './pipeline-file.ts';
import { firstExisting } from './present.ts';
import type { ProjectFacts } from './project-facts.ts';
import { samplePluginText } from './sample-plugin.ts';

/** A file that is to be written. */
export interface PlannedFile {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly text: string;
  /** What it holds now. */
  readonly before: string | undefined;
  /** Its text is made of what it holds now, with something added: nothing of it is lost. */
  readonly isAddition: boolean;
}

export interface InitChoices {
  readonly ci: CiSystem | undefined;
  readonly plugin: boolean;
}

export interface InitPlan {
  readonly files: readonly PlannedFile[];
  /** Files that are there and that nothing can be written into. */
  readonly kept: readonly string[];
  readonly remarks: readonly string[];
}

/** Everything that `treadle init` would write. */
export async function planFiles(facts: ProjectFacts, { ci, plugin }: InitChoices): Promise<InitPlan> {
  const { root } = facts;
  const names = nameFiles(facts);
  const present = existingPipeline(root);
  const withPlugin = plugin && facts.sourceFolder !== undefined && present === undefined && !existsSync(join(root, names.plugin));
  const pipeline = present ?? names.pipeline;
  const files: PlannedFile[] = [];
  const add = (path: string, text: string | undefined, isAddition = false): void => {
    const before = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
    if (text !== undefined && text !== before) files.push({ path, text, before, isAddition });
  };
  // A pipeline in JSON is another language.
  const kept = pipeline.endsWith('.json') ? [pipeline] : [];
  if (kept.length === 0) add(pipeline, await formatWith(facts, pipeline, pipelineText(facts, names, withPlugin)));
  if (withPlugin) add(names.plugin, await formatWith(facts, names.plugin, samplePluginText(names.language, facts.style)));
  if (facts.isRepository || existsSync(join(root, '.gitignore'))) add('.gitignore', withIgnoredFolder(read(root, '.gitignore')), true);
  const recommendation = '.vscode/extensions.json';
  // Editors open the repository, not one of its packages.
  const isWhole = repositoryRoot(root, {}) === root;
  if (isWhole && !new IgnoredFiles(root).has(recommendation)) add(recommendation, withRecommendation(read(root, recommendation)), true);
  if (ci !== undefined) {
    const browsers = facts.steps.e2e.some(({ command }) => /\bplaywright\b/.test(command));
    const file = ciFile(ci, { manager: facts.packageManager, browsers });
    add(file.path, file.text);
  }
  const remarks = present === undefined ? [...(names.remark === undefined ? [] : [names.remark]), ...linterRemarks(facts, names)] : [];
  return { files, kept, remarks };
}

function existingPipeline(root: string): string | undefined {
  return firstExisting(
    root,
    ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `treadle.config.${extension}`),
  );
}

function read(root: string, path: string): string | undefined {
  const file = join(root, path);
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TreadleError('E_INIT', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
