// Bundles the command line into two scripts: what most runs need, and the rest, which shares the modules of the first.
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

/** Texts of functions that take what their parameters say. */
export interface CommandLine {
  /** `(exports, require, __filename, __dirname, __import, __script)` */
  readonly first: string;
  /** `(require, __filename, __dirname, __import, __parts)`; gives functions that load its modules, by name. */
  readonly rest: string;
  readonly metafile: Metafile;
}

/** Modules that are imported dynamically, and yet belong to the first script: relative to the project. */
const usual = [
  ...['project-location', 'commands/run'].map((name) => `core/cli/${name}.ts`),
  ...['line', 'tree', 'json', 'ndjson', 'render-error'].map((name) => `core/reporters/${name}.ts`),
  ...['inline/inline', 'threads/threads', 'threads/worker-file'].map((name) => `core/executors/${name}.ts`),
  ...['runtime', 'cache/step-cache', 'secrets/without-secrets'].map((name) => `core/${name}.ts`),
];

/**
 * Bundles in two passes: esbuild divides the code into parts by what imports them, then the parts are put together again as two
 * scripts. Each module is in one of them, so that there is one of it in the process.
 */
export async function bundleCommandLine(options: BuildOptions, entry: string): Promise<CommandLine> {
  const divided = await build({
    ...options,
    stdin: { contents: entry, resolveDir: options.absWorkingDir ?? '', sourcefile: 'entry.js' },
    format: 'esm',
    splitting: true,
    write: false,
    metafile: true,
    outdir: 'parts',
    chunkNames: '[name]-[hash]',
  });
  const { outputs } = divided.metafile;
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  const texts = new Map(divided.outputFiles.map(({ path, text }) => [nameOf(path), text.replaceAll('__require(', 'require(')]));
  const parts = new Map(Object.entries(outputs).map(([path, part]) => [nameOf(path), part]));
  const partOf = (module: string): string => {
    const found = [...parts].find(([, { entryPoint }]) => entryPoint === module);
    if (found === undefined) throw new Error(`Nothing imports ${module} dynamically: it need not be on the list of usual modules.`);
    return found[0];
  };
  const first = new Set<string>();
  const add = (name: string): void => {
    if (first.has(name)) return;
    first.add(name);
    for (const { kind, path } of parts.get(name)?.imports ?? [])
      if (kind === 'import-statement' && parts.has(nameOf(path))) add(nameOf(path));
  };
  for (const name of ['stdin.js', ...usual.map(partOf)]) add(name);
  const rest = [...parts.keys()].filter((name) => !first.has(name));
  const shared = new Set(
    rest.flatMap((name) => parts.get(name)?.imports ?? []).flatMap(({ path }) => (first.has(nameOf(path)) ? [nameOf(path)] : [])),
  );

  const together = async (contents: string, plugin: Plugin): Promise<string> => {
    const { outputFiles } = await build({
      ...options,
      plugins: [plugin],
      stdin: { contents, resolveDir: options.absWorkingDir ?? '' },
      format: 'cjs',
      write: false,
      // The parts are what has been replaced already.
      define: {},
    });
    return outputFiles[0]?.text ?? '';
  };
  const partsPlugin = (inside: ReadonlySet<string>, outside: (name: string, kind: string) => object): Plugin => ({
    name: 'parts',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\// }, ({ path, kind }) => {
        const name = nameOf(path);
        if (!parts.has(name)) return { path, external: true };
        return inside.has(name) ? { path: name, namespace: 'part' } : outside(name, kind);
      });
      onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({
        contents: texts.get(path) ?? '',
        resolveDir: options.absWorkingDir ?? '',
      }));
      onResolve({ filter: /^shared parts$/ }, ({ path }) => ({ path, namespace: 'shared' }));
      onLoad({ filter: /.*/, namespace: 'shared' }, () => ({
        contents: sharing([...shared], parts),
        resolveDir: options.absWorkingDir ?? '',
      }));
      onLoad({ filter: /.*/, namespace: 'elsewhere' }, ({ path }) => ({ contents: `module.exports = __parts[${JSON.stringify(path)}];` }));
    },
  });
  return {
    first: await together(
      "import './stdin.js';\n__share = () => import('shared parts');",
      partsPlugin(first, (name, kind) => {
        if (kind !== 'dynamic-import') throw new Error(`${name} is not in the first script, which needs it.`);
        return { path: `rest:${name}`, external: true };
      }),
    ),
    rest: await together(
      `__modules = { ${rest.map((name) => `${JSON.stringify(name)}: () => import('./${name}')`).join(', ')} };`,
      partsPlugin(new Set(rest), (name) => ({ path: name, namespace: 'elsewhere' })),
    ),
    metafile: divided.metafile,
  };
}

/** A module that gives what parts export: when it is read, as it may not have a value yet. */
function sharing(names: readonly string[], parts: ReadonlyMap<string, Metafile['outputs'][string]>): string {
  const imports: string[] = [];
  const getters = names.map((name, index) => {
    const exported = (parts.get(name)?.exports ?? []).map((each, place) => ({ each, local: `_${index}_${place}` }));
    if (exported.length > 0)
      imports.push(`import { ${exported.map(({ each, local }) => `${each} as ${local}`).join(', ')} } from './${name}';`);
    return `${JSON.stringify(name)}: { ${exported.map(({ each, local }) => `get ${JSON.stringify(each)}() { return ${local}; }`).join(', ')} }`;
  });
  return `${imports.join('\n')}\nexport const parts = { ${getters.join(', ')} };`;
}
