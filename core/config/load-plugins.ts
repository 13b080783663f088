import { isTreadleError } from '../contract/errors.ts';
import { type PluginRegistry, compilePlugins, loadPlugins as loadCompiled } from '../plugins/registry.ts';
import { findConfig } from './find-config.ts';
import { readPipelineFile } from './read-pipelines.ts';

/**
 * Loads all plugins that a pipeline file's steps could use, built-in ones included, without looking at its steps.
 * Without a pipeline file, those are the ones in the `plugins` folder.
 *
 * @throws What is wrong with the pipeline file; a plugin that is broken is among the registry's `problems` instead.
 */
export async function loadPlugins(options: { readonly cwd: string; readonly configFile?: string }): Promise<PluginRegistry> {
  const registry = await projectPlugins(options.cwd, options.configFile);
  await registry.loadBuiltIns();
  return registry;
}

async function projectPlugins(cwd: string, named: string | undefined): Promise<PluginRegistry> {
  try {
    return (await readPipelineFile(findConfig(cwd, named))).registry;
  } catch (error) {
    if (named !== undefined || !isTreadleError(error) || error.code !== 'E_CONFIG_NOT_FOUND') throw error;
    return loadCompiled(await compilePlugins(cwd, undefined));
  }
}
