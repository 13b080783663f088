import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isTreadleError, TreadleError } from '../contract/errors.ts';
import { compileModule } from '../plugins/compile.ts';
import { loadModule } from '../plugins/load-module.ts';
import { folderEntry, packageFolder } from '../plugins/package-entry.ts';
import { reporterFactoryOf } from '../reporters/define-reporter.ts';
import type { ReporterFactory } from '../reporters/reporter.ts';

const file = /^\.{0,2}[\\/]|\.(?:ts|mts|js|mjs)$/;
const packageName = /^(?<scope>@[\w.-]+\/)?(?<name>[\w-][\w.-]*)$/;
/** How the names of packages begin that are reporters. */
export const reporterPrefix = 'treadle-reporter-';

/**
 * The module of a reporter that is no built-in one: a file, by its path, or an installed package `treadle-reporter-NAME`, with or
 * without what stands before NAME.
 *
 * @returns Its entry, absolute; `undefined` where there is no such package.
 * @throws `E_USAGE` when there is no such file, `E_PLUGIN_LOAD` when a package has no entry.
 */
export function findReporter(name: string, cwd: string): string | undefined {
  if (file.test(name)) {
    const path = resolve(cwd, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return realpathSync(path);
    throw new TreadleError('E_USAGE', `There is no file ${name} to report with.`, { hint: `Paths are relative to ${cwd}.` });
  }
  const { scope = '', name: own = '' } = packageName.exec(name)?.groups ?? {};
  if (own === '') return undefined;
  const full = `${scope}${own.startsWith(reporterPrefix) ? own : `${reporterPrefix}${own}`}`;
  const folder = packageFolder(cwd, full);
  if (folder === undefined) return undefined;
  const entry = folderEntry(folder);
  if (entry === undefined)
    throw new TreadleError('E_PLUGIN_LOAD', `The package ${full} has no entry: no exports, no main and no index file.`);
  return realpathSync(entry);
}

/**
 * Compiles and loads a reporter's module.
 *
 * @throws `E_PLUGIN_LOAD`, `E_PLUGIN_INVALID`; so does what it returns.
 */
export async function loadCustomReporter(name: string, entry: string, root: string): Promise<ReporterFactory> {
  const { url } = await compileModule({ root, entry, errorCode: 'E_PLUGIN_LOAD' });
  const exported = await loadModule({ root, file: entry, url, errorCode: 'E_PLUGIN_LOAD' });
  const create = reporterFactoryOf(exported['default'], name);
  return (output, options) => {
    try {
      return create(output, options);
    } catch (error) {
      if (isTreadleError(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new TreadleError('E_PLUGIN_LOAD', `The reporter ${name} could not start: ${reason}`, { cause: error });
    }
  };
}
