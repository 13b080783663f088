import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isTreadleError, type TreadleError } from '../contract/errors.ts';
import { readManifest } from '../plugins/package-entry.ts';
import { findReporter, reporterPrefix } from './custom-reporter.ts';

/** A reporter that an installed package brings. */
export interface ListedReporter {
  /** The short name that `--reporter` takes. */
  readonly name: string;
  readonly package: string;
  readonly description: string | undefined;
  /** Absolute. */
  readonly file: string;
}

/** The reporters that installed packages bring; they are not loaded. Packages that are none are told of as problems. */
export function installedReporters(cwd: string): {
  readonly reporters: readonly ListedReporter[];
  readonly problems: readonly TreadleError[];
} {
  const reporters: ListedReporter[] = [];
  const problems: TreadleError[] = [];
  for (const [full, folder] of packagesAbove(cwd)) {
    try {
      const file = findReporter(full, cwd);
      const description = readManifest(folder)?.description;
      const named = typeof description === 'string' ? description : undefined;
      if (file !== undefined) reporters.push({ name: full.replace(reporterPrefix, ''), package: full, description: named, file });
    } catch (error) {
      if (!isTreadleError(error)) throw error;
      problems.push(error);
    }
  }
  return { reporters: reporters.toSorted((a, b) => a.name.localeCompare(b.name)), problems };
}

/** Folders of packages by their names; the nearest counts. */
function packagesAbove(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const modules = join(folder, 'node_modules');
  for (const name of namesIn(modules)) {
    const inScope = name.startsWith('@') ? namesIn(join(modules, name)).map((own) => `${name}/${own}`) : [name];
    for (const full of inScope) if (full.replace(/^@[^/]*\//, '').startsWith(reporterPrefix)) found.set(full, join(modules, full));
  }
  const above = dirname(folder);
  return above === folder ? found : new Map([...packagesAbove(above), ...found]);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
