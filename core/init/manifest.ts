import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { parseJsonDocument } from '../model/json-document.ts';

/** What `treadle init` reads of a package.json. */
export interface ProjectManifest {
  readonly name: string | undefined;
  readonly isModule: boolean;
  readonly scripts: ReadonlyMap<string, string>;
  /** All packages that it lists, with the versions that it asks for. */
  readonly packages: ReadonlyMap<string, string>;
  /** Patterns of the folders of its workspaces. */
  readonly workspaces: readonly string[];
  readonly packageManager: string | undefined;
  readonly text: string;
  /** Everything, for tools that keep their settings here. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * The folder of the package.json that is nearest: here or above, up to the repository's root.
 *
 * @throws `E_INIT` where there is none.
 */
export function findPackage(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) break;
  }
  throw new TreadleError('E_INIT', `There is no package.json in ${cwd} or above it.`, {
    hint: 'Run npm init first, or name the folder of the project with --cwd.',
  });
}

/** @throws `E_INIT`, with the line, when the package.json of a folder is none. */
export function readManifest(folder: string): ProjectManifest {
  const file = join(folder, 'package.json');
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const fields = parse(text, file);
  const workspaces = isRecord(fields['workspaces']) ? fields['workspaces']['packages'] : fields['workspaces'];
  return {
    name: textOf(fields['name']),
    isModule: fields['type'] === 'module',
    scripts: new Map(textsOf(fields['scripts'])),
    packages: new Map(
      ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((field) => textsOf(fields[field])),
    ),
    workspaces: Array.isArray(workspaces) ? workspaces.filter((pattern) => typeof pattern === 'string') : [],
    packageManager: textOf(fields['packageManager']),
    text,
    fields,
  };
}

function parse(text: string, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const { syntaxError } = parseJsonDocument(text, 'package.json');
    throw new TreadleError('E_INIT', `${file} is not valid JSON: ${syntaxError?.message ?? reason}`, {
      hint: syntaxError?.hint ?? 'Correct it, and run treadle init again.',
      ...(syntaxError === undefined ? {} : { location: syntaxError.location }),
    });
  }
  if (isRecord(value)) return value;
  throw new TreadleError('E_INIT', `${file} does not hold an object.`, { hint: 'Correct it, and run treadle init again.' });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsOf(value: unknown): readonly (readonly [string, string])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}
