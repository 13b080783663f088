import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ownVersion } from '../files/own-version.ts';

/** Where the running Treadle's own modules are, as file URLs: what `treadle` and `treadle/plugins` mean in project code. */
export interface OwnModules {
  readonly treadle: string;
  readonly plugins: string;
  readonly version: string;
}

let found: OwnModules | undefined;

/** Locates the running Treadle, which is either its sources or the bundle in `dist/`. */
export function ownModules(): OwnModules {
  return (found ??= locate());
}

/** What an import specifier means when it names Treadle itself. */
export function ownModuleFor(specifier: string): string | undefined {
  if (specifier === 'treadle') return ownModules().treadle;
  return specifier === 'treadle/plugins' ? ownModules().plugins : undefined;
}

function locate(): OwnModules {
  const here = import.meta.url;
  if (here.endsWith('/core/plugins/own-modules.ts')) {
    return modulesAt(new URL('../../', here), 'core/index.ts', 'plugins/index.ts');
  }
  const dist = new URL('./', here);
  if (existsSync(new URL('modules.js', dist))) {
    const name = fileURLToPath(dist).split(/[\\/]/).at(-2) ?? 'dist';
    // One file with the exports of both.
    return modulesAt(new URL('../', dist), `${name}/modules.js`, `${name}/modules.js`);
  }
  throw new Error(`Treadle's own modules are not beside ${here}.`);
}

function modulesAt(root: URL, treadle: string, plugins: string): OwnModules {
  return { treadle: new URL(treadle, root).href, plugins: new URL(plugins, root).href, version: ownVersion() };
}
