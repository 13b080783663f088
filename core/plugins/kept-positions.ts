import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceLocation } from '../contract/status.ts';
import type { CallSite } from '../model/definition.ts';
import { compiledFolders, positionsFile, writeCompiled } from './compiled-folder.ts';
import { type Locate, sourcePositions } from './source-positions.ts';

/** So many are kept of a module: of more, reading them would take as long as reading its source map. */
const mostKept = 500;

/** Places in the sources, by `line:column` in the compiled module. */
type Positions = Map<string, SourceLocation>;

/** What lies beside a module. */
interface PositionsRecord {
  /** The project's folder when it was written: where that moves, sources outside of it have other names. */
  readonly root: string;
  readonly positions: Iterable<readonly [string, SourceLocation]>;
}

/** {@link sourcePositions} that remembers what it found the last time. */
export interface KeptPositions {
  readonly locate: Locate;
  /** Keeps what was found now. Never throws: then it is looked for again. */
  keep(): Promise<void>;
}

/**
 * Finds the places of the same steps at each start: they lie beside the compiled module, whose name tells its content, so that
 * its source map need not be read.
 */
export function keptPositions(root: string): KeptPositions {
  const find = sourcePositions(root);
  const modules = new Map<string, Positions | undefined>();
  const changed = new Set<string>();
  const positionsOf = (file: string): Positions | undefined => {
    if (!modules.has(file)) modules.set(file, readPositions(file, root));
    return modules.get(file);
  };
  return {
    locate: (position) => {
      const known = positionsOf(position.file);
      if (known === undefined) return find(position);
      const key = keyOf(position);
      let location = known.get(key);
      if (location === undefined && (location = find(position)) !== undefined) {
        known.set(key, location);
        changed.add(position.file);
      }
      return location;
    },
    keep: async () => {
      for (const file of changed) {
        const known = modules.get(file) ?? new Map<string, SourceLocation>();
        if (known.size > mostKept) continue;
        const record: PositionsRecord = { root, positions: [...known] };
        // A read-only project has to look each time.
        await writeCompiled(positionsFile(fileURLToPath(file)), JSON.stringify(record)).catch(() => undefined);
      }
      changed.clear();
    },
  };
}

function keyOf({ line, column }: CallSite): string {
  return `${line}:${column}`;
}

function readPositions(file: string, root: string): Positions | undefined {
  if (!file.startsWith('file:')) return undefined;
  const path = fileURLToPath(file);
  if (!compiledFolders(root).includes(dirname(path))) return undefined;
  try {
    // Treadle's own file, written whole.
    const record = JSON.parse(readFileSync(positionsFile(path), 'utf8')) as PositionsRecord;
    return new Map(record.root === root ? record.positions : []);
  } catch {
    return new Map();
  }
}
