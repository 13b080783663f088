import { dirname } from 'node:path';
import { readPipelineFile } from '../../config/read-pipelines.ts';
import { isTreadleError, type ExitCode, type TreadleError } from '../../contract/errors.ts';
import { compilePlugins, loadPlugins, type LoadedPlugin, type PluginRegistry } from '../../plugins/registry.ts';
import type { Console } from '../console.ts';
import { showFailure } from '../failure.ts';
import { installedReporters } from '../installed-reporters.ts';
import { optionsSchemaOf } from '../options-schema.ts';
import { renderPlugins, type ListedPlugin } from '../plugin-list.ts';
import type { ListFlags } from '../flags.ts';
import { configOf, locateProject, type ProjectLocation } from '../project-location.ts';

interface Findings {
  readonly root: string;
  readonly registry: PluginRegistry;
  readonly problems: readonly TreadleError[];
}

async function find(location: ProjectLocation): Promise<Findings> {
  const config = configOf(location);
  const root = config === undefined ? location.cwd : dirname(config);
  const inDefaultFolder = async (): Promise<PluginRegistry> => loadPlugins(await compilePlugins(root, undefined));
  if (config === undefined) {
    const registry = await inDefaultFolder();
    return { root, registry, problems: registry.problems };
  }
  try {
    const { registry } = await readPipelineFile(config);
    return { root, registry, problems: registry.problems };
  } catch (error) {
    // The pipeline file often fails because of a plugin that it imports: show what there is all the same.
    if (!isTreadleError(error)) throw error;
    const registry = await inDefaultFolder();
    return { root, registry, problems: [...registry.problems, error] };
  }
}

async function toListed(plugin: LoadedPlugin): Promise<ListedPlugin> {
  const { name, description, builtIn, file } = plugin;
  return { name, description, builtIn, file, options: await optionsSchemaOf(plugin) };
}

/** `treadle plugins`: what steps can use, and the reporters that packages bring. Exits with 2 when something is broken, so that CI can check it. */
export async function listPlugins(flags: ListFlags, console: Console): Promise<ExitCode> {
  console.reserveStdout();
  const { root, registry, problems: broken } = await find(locateProject(flags));
  await registry.loadBuiltIns();
  const { reporters, problems: brokenReporters } = installedReporters(root);
  const problems = [...broken, ...brokenReporters];
  const plugins = await Promise.all(registry.plugins.map(toListed));
  if (flags.json === true) {
    const found = problems.map(({ code, message, hint, location }) => ({ code, message, hint, location }));
    console.out.write(`${JSON.stringify({ plugins, reporters, problems: found }, undefined, 2)}\n`);
  } else {
    console.out.write(renderPlugins({ plugins, reporters }, Math.min(console.out.columns, 100), console.out.paint));
    for (const problem of problems) await showFailure(problem, console, root);
  }
  return problems.length === 0 ? 0 : 2;
}
