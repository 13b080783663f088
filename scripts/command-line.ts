// Bundles the command line into three scripts: what every run needs, what many need, and the rest; the later ones share the modules of the first.
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

/** Texts of functions that take what their parameters say. */
export interface CommandLine {
  /** `(exports, require, __filename, __dirname, __import, __script)` */
  readonly first: string;
  /** By file name: `(require, __filename, __dirname, __import, __part, __parts)`; each gives functions that load its modules, by name. */
  readonly others: Readonly<Record<string, string>>;
  readonly metafile: Metafile;
}

/** Modules that are imported dynamically, and yet belong to the first script: relative to the project. */
const usual = [
  ...['project-location', 'commands/run'].map((name) => `core/cli/${name}.ts`),
  ...['reporters/line', 'executors/inline/inline', 'secrets/without-secrets'].map((name) => `core/${name}.ts`),
];

/** What many runs need, but not all of them: in a script of its own. */
const frequent = [
  ...['tree', 'json', 'ndjson', 'render-error'].map((name) => `core/reporters/${name}.ts`),
  ...['threads/threads', 'threads/worker-file'].map((name) => `core/executors/${name}.ts`),
  ...['runtime', 'cache/step-cache'].map((name) => `core/${name}.ts`),
];

/**
 * Bundles in two passes: esbuild divides the code into parts by what imports them, then the parts are put together again as
 * scripts. Each module is in one of them, so that there is one of it in the process; what two scripts need is in the first.
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
  const texts = new Map(divided.outputFiles.map(({ path, text }) => [nameOf(path), text.replaceAll('__require(', 'require(')]));
  const parts = new Map(Object.entries(outputs).map(([path, part]) => [nameOf(path), part]));
  const scriptOf = divide(parts);
  const shared = new Set(
    [...parts].flatMap(([name, part]) =>
      scriptOf(name) === 'first' ? [] : staticImports(part).filter((imported) => scriptOf(imported) === 'first'),
    ),
  );

  const together = async (contents: string, script: string): Promise<string> => {
    const { outputFiles } = await build({
      ...options,
      plugins: [partsPlugin(script)],
      stdin: { contents, resolveDir: options.absWorkingDir ?? '' },
      format: 'cjs',
      write: false,
      // The parts are what has been replaced already.
      define: {},
    });
    return outputFiles[0]?.text ?? '';
  };
  const partsPlugin = (script: string): Plugin => ({
    name: 'parts',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\// }, ({ path, kind }) => {
        const name = nameOf(path);
        if (!parts.has(name)) return { path, external: true };
        const home = scriptOf(name);
        if (home === script) return { path: name, namespace: 'part' };
        if (kind === 'dynamic-import' && home !== 'first') return { path: `part:${home}:${name}`, external: true };
        if (home !== 'first') throw new Error(`${name} is not in the script "${script}", which needs it.`);
        return { path: name, namespace: 'elsewhere' };
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
  const modulesOf = (script: string): string => {
    const names = [...parts.keys()].filter((name) => scriptOf(name) === script);
    return `__modules = { ${names.map((name) => `${JSON.stringify(name)}: () => import('./${name}')`).join(', ')} };`;
  };
  return {
    first: await together("import './stdin.js';\n__share = () => import('shared parts');", 'first'),
    others: {
      'more.cjs': await together(modulesOf('more.cjs'), 'more.cjs'),
      'rest.cjs': await together(modulesOf('rest.cjs'), 'rest.cjs'),
    },
    metafile: divided.metafile,
  };
}

type Parts = ReadonlyMap<string, Metafile['outputs'][string]>;

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function staticImports(part: Metafile['outputs'][string] | undefined): readonly string[] {
  return (part?.imports ?? []).flatMap(({ kind, path }) => (kind === 'import-statement' ? [nameOf(path)] : []));
}

/** Says which script holds a part. */
function divide(parts: Parts): (name: string) => string {
  const partOf = (module: string): string => {
    const found = [...parts].find(([, { entryPoint }]) => entryPoint === module);
    if (found === undefined) throw new Error(`Nothing imports ${module} dynamically: it need not be on a list of modules.`);
    return found[0];
  };
  const reach = (names: readonly string[]): ReadonlySet<string> => {
    const reached = new Set<string>();
    const add = (name: string): void => {
      if (reached.has(name) || !parts.has(name)) return;
      reached.add(name);
      for (const imported of staticImports(parts.get(name))) add(imported);
    };
    for (const name of names) add(name);
    return reached;
  };
  const more = reach(frequent.map(partOf));
  const first = reach(['stdin.js', ...usual.map(partOf)]);
  const rest = reach(
    [...parts].flatMap(([name, { entryPoint }]) => (entryPoint === undefined || more.has(name) || first.has(name) ? [] : [name])),
  );
  return (name) => (first.has(name) || (more.has(name) && rest.has(name)) ? 'first' : more.has(name) ? 'more.cjs' : 'rest.cjs');
}

/** A module that gives what parts export: when it is read, as it may not have a value yet. */
function sharing(names: readonly string[], parts: Parts): string {
  const imports: string[] = [];
  const getters = names.map((name, index) => {
    const exported = (parts.get(name)?.exports ?? []).map((each, place) => ({ each, local: `_${index}_${place}` }));
    if (exported.length > 0)
      imports.push(`import { ${exported.map(({ each, local }) => `${each} as ${local}`).join(', ')} } from './${name}';`);
    return `${JSON.stringify(name)}: { ${exported.map(({ each, local }) => `get ${JSON.stringify(each)}() { return ${local}; }`).join(', ')} }`;
  });
  return `${imports.join('\n')}\nexport const parts = { ${getters.join(', ')} };`;
}
