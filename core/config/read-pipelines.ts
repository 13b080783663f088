import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import type { PipelineDefinition } from '../model/definition.ts';
import { describeValue } from '../model/describe-value.ts';
import { type CompiledModule, compileModule } from '../plugins/compile.ts';
import { readRecord, touchRecord } from '../plugins/compile-record.ts';
import { loadModule } from '../plugins/load-module.ts';
import { pipelinesIn } from '../plugins/pipeline-exports.ts';
import { type PluginRegistry, compilePlugins, loadPlugins } from '../plugins/registry.ts';
import { shownPath } from '../plugins/source-positions.ts';

/** What a pipeline file says, and the plugins that it can use. */
export interface PipelineFile {
  readonly pipelines: ReadonlyMap<string, PipelineDefinition>;
  readonly registry: PluginRegistry;
  /** The compiled file; absent for JSON. */
  readonly module: CompiledModule | undefined;
}

/** Reads a pipeline file, compiling what must be, and loads the plugins of its project. */
export async function readPipelineFile(file: string): Promise<PipelineFile> {
  return file.endsWith('.json') ? readJsonFile(file) : readModuleFile(file);
}

async function readJsonFile(file: string): Promise<PipelineFile> {
  const { readJsonPipelines } = await import('../model/json-form.ts');
  const root = dirname(file);
  const shown = shownPath(root, file);
  const pipelines = checkExport(readJsonPipelines(readFileSync(file, 'utf8'), shown), shown);
  const registry = await loadPlugins(await compilePlugins(root, pluginsSetting(pipelines)));
  return { pipelines, registry, module: undefined };
}

async function readModuleFile(file: string): Promise<PipelineFile> {
  const root = dirname(file);
  // Which folders hold plugins is known only once the file ran, and how it is compiled depends on them:
  // assume what it said the last time, and do it again when it says something else now.
  let assumed = readRecord(root, file)?.record.plugins;
  for (let round = 1; ; round += 1) {
    const compiled = await compilePlugins(root, assumed);
    const module = await compileModule({ root, entry: file, plugins: compiled.modules, errorCode: 'E_CONFIG_LOAD' });
    const loading = loadPlugins(compiled);
    const exported = await loadModule({ root, file, url: module.url, errorCode: 'E_CONFIG_LOAD' });
    const pipelines = checkExport(await exported['default'], shownPath(root, file), 'default' in exported);
    const said = pluginsSetting(pipelines);
    if (sameList(said, assumed)) return { pipelines, registry: await loading, module };
    if (round === 3) {
      throw new TreadleError('E_CONFIG_INVALID', `${shownPath(root, file)} gives another plugins setting each time that it is loaded.`, {
        hint: 'Make plugins a fixed list.',
      });
    }
    await rememberPlugins(root, file, said);
    assumed = said;
  }
}

async function rememberPlugins(root: string, file: string, plugins: readonly string[] | undefined): Promise<void> {
  const found = readRecord(root, file);
  if (found === undefined) return;
  const { plugins: _before, ...rest } = found.record;
  await touchRecord(root, { ...found, record: plugins === undefined ? rest : { ...rest, plugins } });
}

/** The `plugins` of all pipelines of a file; `undefined` when none sets it. */
function pluginsSetting(pipelines: ReadonlyMap<string, PipelineDefinition>): readonly string[] | undefined {
  // Anything but a list of texts is reported with the plan.
  const settings = [...pipelines.values()].map(({ settings }) => settings.plugins).filter((plugins) => Array.isArray(plugins));
  return settings.length === 0 ? undefined : [...new Set(settings.flat().filter((plugin) => typeof plugin === 'string'))];
}

function sameList(left: readonly string[] | undefined, right: readonly string[] | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function checkExport(exported: unknown, file: string, hasDefault = true): ReadonlyMap<string, PipelineDefinition> {
  const pipelines = pipelinesIn(exported);
  if (pipelines !== undefined) return pipelines;
  const example = 'Write "export default definePipeline([ … ])", or export an object of such pipelines by name.';
  throw new TreadleError('E_CONFIG_INVALID', `${file}: ${hasDefault ? describeExport(exported) : noExport}.`, {
    hint: example,
    location: { file, line: 1, column: 1 },
  });
}

const noExport = 'it has no default export';

function describeExport(exported: unknown): string {
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported) || 'kind' in exported) {
    return `its default export is ${describeNoPipeline(exported)}, not a pipeline`;
  }
  // A module of type commonjs has one whatever is written.
  const wrong = Object.entries(exported).find(([name, value]) => pipelinesIn({ [name]: value }) === undefined);
  return wrong === undefined
    ? `${noExport}, or an empty one`
    : `"${wrong[0]}" of its default export is ${describeNoPipeline(wrong[1])}, not a pipeline`;
}

function describeNoPipeline(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  // What has no name gets one of the compiler.
  if (typeof value === 'function' && value.name.endsWith('_default')) return 'a function';
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string'
    ? `a ${value.kind}`
    : describeValue(value);
}
