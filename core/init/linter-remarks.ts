import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstExisting } from './present.ts';
import type { FileNames } from './pipeline-file.ts';
import type { ProjectFacts } from './project-facts.ts';

const eslintConfigs = ['js', 'mjs', 'cjs', 'ts', 'mts'].map((extension) => `eslint.config.${extension}`);

/** What a person has to tell linters that do not read .gitignore, so that they have nothing to say about the new files. */
export function linterRemarks({ root, typescript }: ProjectFacts, { pipeline }: FileNames): readonly string[] {
  const remarks: string[] = [];
  const biome = firstExisting(root, ['biome.json', 'biome.jsonc']);
  if (biome !== undefined && !/"useIgnoreFile"\s*:\s*true|\.treadle/.test(read(root, biome))) {
    remarks.push(`${biome}: Biome checks what git ignores. Set vcs.useIgnoreFile to true, or leave out .treadle in files.includes.`);
  }
  const eslint = firstExisting(root, eslintConfigs);
  const text = eslint === undefined ? '' : read(root, eslint);
  if (/\bprojectService\b|\bproject:/.test(text) && !text.includes('.treadle')) {
    const ignored = typescript?.takesInRoot === true ? "'.treadle/'" : `'.treadle/', '${pipeline}', 'plugins/'`;
    remarks.push(
      `${eslint}: ESLint looks at types, and stops at files that no tsconfig takes in. Leave them out: { ignores: [${ignored}] }.`,
    );
  }
  return remarks;
}

function read(root: string, name: string): string {
  return readFileSync(join(root, name), 'utf8');
}
