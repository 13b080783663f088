import { TreadleError, isTreadleError } from '../contract/errors.ts';
import type { PluginImplementation } from '../model/definition.ts';
import { builtInExports, builtInNames, isBuiltIn } from './built-ins.ts';
import { type CompiledModule, compileModule } from './compile.ts';
import { adoptName, implementationOf } from './define.ts';
import { type BrokenPlugin, type PluginEntry, discoverPlugins } from './discover.ts';
import { importModule } from './import-module.ts';
import { loadModule } from './load-module.ts';
import { ownModules } from './own-modules.ts';
import { jsonSchemaOf } from './standard-schema.ts';

/** A plugin that is ready for use. */
export interface LoadedPlugin {
  readonly name: string;
  readonly description: string | undefined;
  /** Its source as people know it: a path in the project, a package, or `treadle` for a built-in. */
  readonly file: string;
  /** URL of the module that a thread imports; a fragment names an export other than the default. */
  readonly module: string;
  /** Identity of its code. */
  readonly hash: string;
  /** Source files, absolute. */
  readonly inputs: readonly string[];
  readonly builtIn: boolean;
  readonly implementation: PluginImplementation;
  /** JSON Schema of its options, where the schema's library can tell. */
  readonly optionsSchema: Readonly<Record<string, unknown>> | undefined;
}

/** The plugins of a project. */
export interface PluginRegistry {
  /** The project's plugins, and those built-in ones that were asked for. */
  readonly plugins: readonly LoadedPlugin[];
  /** Why other plugins cannot be used: one error for each. */
  readonly problems: readonly TreadleError[];
  /** Problems that no run may start with: clashes of names, and what is wrong with the `plugins` setting. */
  readonly faults: readonly TreadleError[];
  /** Names that `uses` can have, built-in ones included. */
  readonly names: readonly string[];
  /** Source files of the project's plugins, those of broken ones included, absolute. */
  readonly inputs: readonly string[];
  get(name: string): LoadedPlugin | undefined;
  /** The plugin that an implementation belongs to, if it is one of these. */
  owner(implementation: PluginImplementation): LoadedPlugin | undefined;
  /** Why the plugin of that name cannot be used. */
  problemOf(name: string): TreadleError | undefined;
  /** Loads the built-in plugins, once. */
  loadBuiltIns(): Promise<void>;
}

/** Plugins that were found and compiled, but not loaded. */
export interface CompiledPlugins {
  readonly root: string;
  readonly entries: readonly PluginEntry[];
  readonly modules: ReadonlyMap<string, CompiledModule>;
  readonly broken: readonly BrokenPlugin[];
  readonly faults: readonly TreadleError[];
}

/** Finds and compiles the plugins of a project; see {@link discoverPlugins}. */
export async function compilePlugins(root: string, configured: readonly string[] | undefined): Promise<CompiledPlugins> {
  const { entries, broken, faults } = discoverPlugins(root, configured);
  const modules = new Map<string, CompiledModule>();
  const failed = await Promise.all(
    entries.map(async ({ name, file }): Promise<BrokenPlugin | undefined> => {
      try {
        modules.set(file, await compileModule({ root, entry: file, errorCode: 'E_PLUGIN_LOAD' }));
        return undefined;
      } catch (thrown) {
        return { name, error: pluginError(thrown) };
      }
    }),
  );
  return { root, entries, modules, broken: [...broken, ...failed.filter((problem) => problem !== undefined)], faults };
}

/** Loads compiled plugins. One that fails does not hide the others. */
export async function loadPlugins({ root, entries, modules, broken, faults }: CompiledPlugins): Promise<PluginRegistry> {
  const outcomes = await Promise.all(
    entries.map(async (entry): Promise<LoadedPlugin | BrokenPlugin | undefined> => {
      const module = modules.get(entry.file);
      try {
        return module === undefined ? undefined : await loadPlugin(root, entry, module);
      } catch (thrown) {
        return { name: entry.name, error: pluginError(thrown) };
      }
    }),
  );
  const failed: BrokenPlugin[] = [];
  const byName = new Map<string, LoadedPlugin>();
  const clashes: TreadleError[] = [];
  for (const plugin of outcomes) {
    if (plugin === undefined) continue;
    if ('error' in plugin) {
      failed.push(plugin);
      continue;
    }
    const other = byName.get(plugin.name);
    if (isBuiltIn(plugin.name)) clashes.push(clash(plugin.name, 'is built into Treadle and also defined by', plugin.file));
    else if (other !== undefined) clashes.push(clash(plugin.name, 'is defined by', `${other.file} and ${plugin.file}`));
    else byName.set(plugin.name, plugin);
  }
  const inputs = entries.flatMap(({ file }) => [file, ...(modules.get(file)?.inputs ?? [])]);
  return createRegistry({ plugins: byName, broken: [...broken, ...failed], faults: [...faults, ...clashes], inputs: [...new Set(inputs)] });
}

/** A registry that knows the built-in plugins only. */
export function builtInRegistry(): PluginRegistry {
  return createRegistry({ plugins: new Map(), broken: [], faults: [], inputs: [] });
}

interface RegistryContent {
  readonly plugins: Map<string, LoadedPlugin>;
  readonly broken: readonly BrokenPlugin[];
  readonly faults: readonly TreadleError[];
  readonly inputs: readonly string[];
}

function createRegistry({ plugins, broken, faults, inputs }: RegistryContent): PluginRegistry {
  const owners = new Map([...plugins.values()].map((plugin) => [plugin.implementation, plugin]));
  let builtIns: Promise<void> | undefined;
  const addBuiltIns = async (): Promise<void> => {
    for (const plugin of await loadBuiltInPlugins()) {
      plugins.set(plugin.name, plugin);
      owners.set(plugin.implementation, plugin);
    }
  };
  return {
    get plugins() {
      return [...plugins.values()];
    },
    problems: [...broken.map(({ error }) => error), ...faults],
    faults,
    names: [...new Set([...plugins.keys(), ...builtInNames])],
    inputs,
    get: (name) => plugins.get(name),
    owner: (implementation) => owners.get(implementation),
    problemOf: (name) => broken.find((problem) => problem.name === name)?.error,
    loadBuiltIns: () => (builtIns ??= addBuiltIns()),
  };
}

async function loadPlugin(root: string, entry: PluginEntry, module: CompiledModule): Promise<LoadedPlugin> {
  const exported = await loadModule({ root, file: entry.file, url: module.url, errorCode: 'E_PLUGIN_LOAD' });
  const implementation = implementationOf(exported['default']);
  if (implementation === undefined) {
    const what = 'default' in exported ? 'its default export is no plugin' : 'it has no default export';
    throw new TreadleError('E_PLUGIN_INVALID', `${entry.shown}: ${what}.`, { location: { file: entry.shown, line: 1, column: 1 } });
  }
  adoptName(implementation, entry.name);
  return describePlugin(implementation, {
    name: implementation.name ?? entry.name,
    file: entry.shown,
    module: module.url,
    hash: module.hash,
    inputs: module.inputs,
    builtIn: false,
  });
}

async function loadBuiltInPlugins(): Promise<readonly LoadedPlugin[]> {
  const { plugins: url, version } = ownModules();
  const exported = await importModule(url);
  return Object.entries(builtInExports).flatMap(([name, exportName]) => {
    const implementation = implementationOf(exported[exportName]);
    if (implementation === undefined) return [];
    adoptName(implementation, name);
    const identity = {
      name,
      file: 'treadle',
      module: `${url}#${exportName}`,
      hash: `treadle@${version}#${name}`,
      inputs: [],
      builtIn: true,
    };
    return [describePlugin(implementation, identity)];
  });
}

function describePlugin(
  implementation: PluginImplementation,
  identity: Omit<LoadedPlugin, 'description' | 'implementation' | 'optionsSchema'>,
): LoadedPlugin {
  return {
    ...identity,
    description: implementation.description,
    implementation,
    // Asked for by listings only, and not cheap.
    get optionsSchema() {
      return jsonSchemaOf(implementation.options);
    },
  };
}

function clash(name: string, verb: string, files: string): TreadleError {
  return new TreadleError('E_PLUGIN_DUPLICATE', `"${name}" ${verb} ${files}.`);
}

function pluginError(thrown: unknown): TreadleError {
  return isTreadleError(thrown) ? thrown : new TreadleError('E_PLUGIN_LOAD', String(thrown), { cause: thrown });
}
