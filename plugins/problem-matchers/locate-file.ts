import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectFile } from '../project-path.ts';

/** How a matcher means the file names that a tool prints. */
export interface FileLocation {
  readonly kind: 'absolute' | 'relative' | 'autoDetect';
  /** Starts with `${cwd}` or `${workspaceFolder}`. */
  readonly base: string;
}

/** Where a tool runs. */
export interface ToolPlace {
  /** The project's folder. */
  readonly root: string;
  /** The folder that the command runs in. */
  readonly cwd: string;
}

/** The file that a tool means, named as people know it: relative to the project where it lies inside. */
export function locateFile(name: string, location: FileLocation, place: ToolPlace): string {
  return projectFile(place.root, absoluteFile(name, location, place));
}

function absoluteFile(name: string, { kind, base }: FileLocation, place: ToolPlace): string {
  if (name.startsWith('file://')) return fileFromUrl(name);
  if (isAbsolute(name) && kind !== 'relative') return name;
  const folder = resolve(place.cwd, base.replace('${workspaceFolder}', place.root).replace('${cwd}', place.cwd));
  // A tool that says "/src/a.ts" and means a path in the project: VS Code joins the two as well.
  if (isAbsolute(name)) return existsSync(name) ? name : resolve(folder, `.${name}`);
  return resolve(kind === 'absolute' ? place.cwd : folder, name);
}

function fileFromUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
