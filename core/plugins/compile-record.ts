import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compiledFolders, entryLabel, writeCompiled } from './compiled-folder.ts';
import { sha256 } from '../files/own-files.ts';
import { projectPath } from '../files/project-path.ts';
import { ownModules } from './own-modules.ts';

/** One version of a file; `sha256` is empty where the file was missing. */
export interface FileStamp {
  /** Relative to the project. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

/** A file that an entry was compiled from. */
export interface CompiledInput extends FileStamp {
  /** `source`: part of the module; `settings`: a tsconfig.json or package.json that decides how imports resolve. */
  readonly role: 'source' | 'settings';
}

/** A plugin that a compiled pipeline file imports instead of holding it. */
export interface SharedPlugin {
  /** Its entry, relative to the project. */
  readonly path: string;
  /** Its compiled file, relative to that of the pipeline file. */
  readonly output: string;
}

/** What is known about the last time that an entry was compiled. */
export interface CompileRecord {
  readonly format: string;
  /** Where `treadle` pointed to. */
  readonly treadle: string;
  readonly entry: string;
  /** Name of the compiled file in the same folder. */
  readonly output: string;
  /** Identity: of sources, dependencies' versions, Treadle and compiler options; the same wherever the project lies. */
  readonly hash: string;
  readonly inputs: readonly CompiledInput[];
  readonly shared: readonly SharedPlugin[];
  /** Older compiled files that are still there, newest first. */
  readonly superseded: readonly string[];
  /** The `plugins` setting that a pipeline file turned out to have; absent where it has none. */
  readonly plugins?: readonly string[];
}

/** Version of records and of what is compiled: raise the number when either changes. */
export function recordFormat(): string {
  return `3 treadle ${ownModules().version}`;
}

/** A record, and the folder that it lies in with the compiled file. */
export interface FoundRecord {
  readonly folder: string;
  readonly record: CompileRecord;
}

function recordFile(folder: string, root: string, entry: string): string {
  const path = encodeURIComponent(projectPath(root, entry));
  // A file name has its limits; hashing every name would load crypto at every start.
  return join(folder, path.length < 150 ? `${path}.json` : `${entryLabel(entry)}-${sha256(path).slice(0, 8)}.json`);
}

/** The record of an entry, if there is one that this Treadle wrote. */
export function readRecord(root: string, entry: string): FoundRecord | undefined {
  for (const folder of compiledFolders(root)) {
    const record = readRecordIn(folder, root, entry);
    if (record !== undefined) return { folder, record };
  }
  return undefined;
}

function readRecordIn(folder: string, root: string, entry: string): CompileRecord | undefined {
  try {
    // Records are Treadle's own files, written whole; the format says that the shape is this one.
    const record = JSON.parse(readFileSync(recordFile(folder, root, entry), 'utf8')) as CompileRecord;
    return record.format === recordFormat() && record.treadle === ownModules().treadle ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the record of an entry beside its compiled file. */
export async function writeRecord(root: string, { folder, record }: FoundRecord): Promise<void> {
  await writeCompiled(recordFile(folder, root, resolve(root, record.entry)), `${JSON.stringify(record, null, 1)}\n`);
}

/** Writes a record anew of which something has changed that can be found out again: where that cannot be written, it will be. */
export async function touchRecord(root: string, found: FoundRecord): Promise<void> {
  await writeRecord(root, found).catch(() => undefined);
}

/** Whether all files are as they were; `touched` where only their times differ. */
export function compareInputs(root: string, inputs: readonly FileStamp[]): 'same' | 'touched' | 'changed' {
  let answer: 'same' | 'touched' = 'same';
  for (const input of inputs) {
    const file = resolve(root, input.path);
    const now = statSync(file, { throwIfNoEntry: false });
    if (now === undefined) {
      if (input.sha256 !== '') return 'changed';
    } else if (input.sha256 === '' || now.size !== input.size) {
      return 'changed';
    } else if (now.mtimeMs !== input.mtimeMs) {
      if (stampFile(root, file).sha256 !== input.sha256) return 'changed';
      answer = 'touched';
    }
  }
  return answer;
}

/** The present version of a file. */
export function stampFile(root: string, file: string): FileStamp {
  const path = projectPath(root, file);
  // Times before content: a write in between makes the stamp look old, never current.
  const now = statSync(file, { throwIfNoEntry: false });
  if (now === undefined || !now.isFile()) return { path, size: 0, mtimeMs: 0, sha256: '' };
  return { path, size: now.size, mtimeMs: now.mtimeMs, sha256: sha256(readFileSync(file)) };
}
