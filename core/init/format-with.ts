import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProjectFacts } from './project-facts.ts';

/** What is used of the project's own prettier. */
interface Prettier {
  resolveConfig(file: string, options: { readonly editorconfig: boolean }): Promise<object | null>;
  format(text: string, options: object): Promise<string>;
}

/** A text as the project's own prettier writes it, where that is installed: its check is part of the new pipeline. */
export async function formatWith({ root, manifest }: ProjectFacts, path: string, text: string): Promise<string> {
  if (!manifest.packages.has('prettier') || !existsSync(join(root, 'node_modules/prettier'))) return text;
  try {
    const file = join(root, path);
    const prettier = await load(root);
    if (prettier === undefined) return text;
    const settings = await prettier.resolveConfig(file, { editorconfig: true });
    return await prettier.format(text, { ...settings, filepath: file });
  } catch {
    // Settings that need what is not there: ours is good code all the same.
    return text;
  }
}

async function load(root: string): Promise<Prettier | undefined> {
  const entry = createRequire(join(root, 'package.json')).resolve('prettier');
  const module: unknown = await import(pathToFileURL(entry).href);
  const whole = typeof module === 'object' && module !== null && 'default' in module ? module.default : module;
  return isPrettier(whole) ? whole : undefined;
}

function isPrettier(value: unknown): value is Prettier {
  return typeof value === 'object' && value !== null && 'format' in value && 'resolveConfig' in value;
}
