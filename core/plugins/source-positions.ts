import { readFileSync } from 'node:fs';
import { findSourceMap, SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceLocation } from '../contract/status.ts';
import type { CallSite } from '../model/definition.ts';
import { compiledFolders } from './compiled-folder.ts';
import { isInside, projectPath } from '../files/project-path.ts';

/** Finds the place in the project's sources that a position in a compiled (or any other) file stands for. */
export type Locate = (position: CallSite) => SourceLocation | undefined;

/** Opens the source maps of a project's compiled modules, which Node has read of those that it imported; each is decoded once. */
export function sourcePositions(root: string): Locate {
  const files = new Map<string, SourceFile>();
  return ({ file, line, column }) => {
    let source = files.get(file);
    if (source === undefined) files.set(file, (source = openFile(root, file)));
    if (source.shown !== undefined) return { file: source.shown, line, column };
    const origin = source.map?.findEntry(line - 1, column - 1);
    if (origin === undefined || !('originalSource' in origin)) return undefined;
    const { originalSource, originalLine, originalColumn } = origin;
    let shown = source.names.get(originalSource);
    if (shown === undefined) source.names.set(originalSource, (shown = shownPath(root, pathOf(source.folder, originalSource))));
    return { file: shown, line: originalLine + 1, column: originalColumn + 1 };
  };
}

/** Of a map that Node has read, sources are URLs. */
function pathOf(folder: string, source: string): string {
  return source.startsWith('file:') ? fileURLToPath(source) : resolve(folder, source);
}

/** A running file, looked at once: a pipeline file may hold thousands of steps. */
interface SourceFile {
  /** How it is shown, where it is not a compiled one. */
  readonly shown?: string;
  readonly folder: string;
  readonly map?: SourceMap | undefined;
  /** How its sources are shown. */
  readonly names: Map<string, string>;
}

function openFile(root: string, file: string): SourceFile {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  const common = { folder: dirname(path), names: new Map<string, string>() };
  // Positions in a JSON file come as they are to be shown.
  if (!isAbsolute(path)) return { ...common, shown: path };
  const isCompiled = compiledFolders(root).some((folder) => isInside(folder, path));
  return isCompiled ? { ...common, map: findSourceMap(file) ?? readMap(path) } : { ...common, shown: shownPath(root, path) };
}

/** How a location names a file: relative to the project where it lies inside. */
export function shownPath(root: string, file: string): string {
  return isInside(root, file) ? projectPath(root, file) : file;
}

/** The source that a compiled file was made for, as a location names it. */
export function sourceOf(root: string, output: string): string | undefined {
  for (const folder of compiledFolders(root)) {
    // A bundle ends with its entry.
    const entry = readPayload(join(folder, output))?.sources.at(-1);
    if (entry !== undefined) return shownPath(root, resolve(folder, entry));
  }
  return undefined;
}

function readMap(file: string): SourceMap | undefined {
  const payload = readPayload(file);
  return payload === undefined ? undefined : new SourceMap(payload);
}

function readPayload(file: string): SourceMapPayload | undefined {
  try {
    // Treadle's own file, beside the module that it wrote.
    return JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload;
  } catch {
    return undefined;
  }
}
