import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, extname, isAbsolute, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImportKind, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { ownModuleFor } from './own-modules.ts';
import { urlPath } from './source-files.ts';

/** What the imports of an entry led to besides its sources. */
export interface ImportFindings {
  /** Manifests (package.json) of the packages that it imports, each with `name@version`. */
  readonly packages: Map<string, string>;
  /** Manifests of packages that are linked: they say which file an import means. */
  readonly linked: Set<string>;
  /** Entries of plugins that it imports as modules of their own. */
  readonly shared: Set<string>;
}

export interface SourceImportsOptions {
  /** Where the module is to lie, absolute. */
  readonly folder: string;
  /** Compiled files of plugins, absolute, by their entries: they are shared, not bundled. */
  readonly plugins: ReadonlyMap<string, string>;
  readonly findings: ImportFindings;
}

/**
 * Decides what each import of the project's code becomes: `treadle` is the running Treadle, a plugin its own compiled
 * module, a package stays where it is installed for the *source*, and the project's own files are bundled, as are those of packages that are
 * linked, not installed.
 */
export function sourceImports({ folder, plugins, findings }: SourceImportsOptions): Plugin {
  const specifierOf = (file: string, kind: ImportKind): string => {
    const path = relative(folder, file).replaceAll('\\', '/');
    if (isAbsolute(path)) return kind.startsWith('require') ? path : pathToFileURL(path).href;
    const local = path.startsWith('.') ? path : `./${path}`;
    return kind.startsWith('require') ? local : urlPath(local);
  };

  const external = (file: string, kind: ImportKind): OnResolveResult => ({ path: specifierOf(file, kind), external: true });

  const decide = async (build: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult | undefined> => {
    const own = ownModuleFor(args.path);
    if (own !== undefined) return imported(own, args.kind);
    const resolved = await build.resolve(args.path, {
      kind: args.kind,
      importer: args.importer,
      namespace: args.namespace,
      resolveDir: args.resolveDir,
      with: args.with,
      pluginData: alreadyAsked,
    });
    // Unresolved imports are left to esbuild, which knows when one is optional and says where it is written.
    if (resolved.errors.length > 0 || resolved.external || resolved.namespace !== 'file') return undefined;
    const file = resolved.path;
    const plugin = plugins.get(file);
    if (plugin !== undefined) {
      findings.shared.add(file);
      return imported(specifierOf(plugin, 'import-statement'), args.kind, ['default']);
    }
    if (extname(file) === '.node') return external(file, args.kind);
    if (!isBare(args.path) || !isRunnable(file)) return undefined;
    // A package of the same workspace is linked to where people edit it: it changes as the project's own files do.
    const found = packageOf(file);
    if (found === undefined) return undefined;
    if (!file.includes(`${sep}node_modules${sep}`)) {
      if (found.folder !== packageOf(args.importer)?.folder) findings.linked.add(join(found.folder, 'package.json'));
      return undefined;
    }
    findings.packages.set(join(found.folder, 'package.json'), `${found.name}@${found.version}`);
    return external(file, args.kind);
  };

  return {
    name: 'treadle-source-imports',
    setup(build) {
      build.onResolve({ filter: /.*/, namespace: importNamespace }, ({ path }) => ({ path, external: true }));
      build.onLoad({ filter: /.*/, namespace: importNamespace }, ({ path, pluginData }) => ({
        contents: importingText(path, pluginData),
        loader: 'js',
      }));
      build.onResolve({ filter: /.*/ }, (args) => {
        if (args.pluginData === alreadyAsked || args.kind === 'entry-point' || args.namespace !== 'file') return undefined;
        if (args.path.startsWith('treadle-origin:')) return undefined;
        if (args.path.startsWith('node:'))
          return isUnknownBuiltin(args) ? { errors: [{ text: `Could not resolve "${args.path}"` }] } : undefined;
        return decide(build, args);
      });
    },
  };
}

/** Other than a statement, an import at run time may expect that a version of Node does not have a module. */
function isUnknownBuiltin({ path, kind }: OnResolveArgs): boolean {
  return kind === 'import-statement' && !isBuiltin(path);
}

const importNamespace = 'treadle-import';

/**
 * A module that is loaded by an import even where it is required: Node refuses to require a module that
 * something else is importing at the same time.
 */
function imported(specifier: string, kind: ImportKind, names: readonly string[] = []): OnResolveResult {
  if (!kind.startsWith('require')) return { path: specifier, external: true };
  return { path: specifier, namespace: importNamespace, pluginData: names };
}

function importingText(specifier: string, names: unknown): string {
  const from = JSON.stringify(specifier);
  const named = Array.isArray(names) && names.length > 0 ? `export { ${names.join(', ')} } from ${from};\n` : '';
  return `export * from ${from};\n${named}`;
}

const alreadyAsked = Symbol('already asked');

/** Whether an import names a package, or something like one (`paths` of a tsconfig.json, `imports` of a package.json). */
function isBare(specifier: string): boolean {
  return !/^\.{0,2}(?:\/|$)/.test(specifier) && !isAbsolute(specifier);
}

/** Whether Node runs a file as it is; what it does not (TypeScript, JSON without an attribute) is bundled. */
function isRunnable(file: string): boolean {
  return ['.js', '.mjs', '.cjs', ''].includes(extname(file));
}

interface FoundPackage {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

/** The package that a file belongs to: the nearest manifest above it that has a name. */
function packageOf(file: string): FoundPackage | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = readPackage(folder);
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

function readPackage(folder: string): FoundPackage | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest)) return undefined;
    return { folder, name: String(manifest.name), version: 'version' in manifest ? String(manifest.version) : '' };
  } catch {
    return undefined;
  }
}
