import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { makeOwnFolderSync, ownFolder } from '../files/own-files.ts';

/** Writes what steps attach, below `.treadle/attachments/<run>/<step>/`. */
export class Attachments {
  private readonly root: string;
  private readonly runId: string;

  constructor(root: string, runId: string) {
    this.root = root;
    this.runId = runId;
  }

  /** Returns the file's path relative to the project, with forward slashes, and its size. */
  write(stepId: string, name: string, content: string | Uint8Array): { readonly file: string; readonly bytes: number } {
    const folder = join(ownFolder(this.root), 'attachments', this.runId, safeName(stepId));
    makeOwnFolderSync(this.root, folder);
    const path = join(folder, safeName(name));
    writeFileSync(path, content);
    return { file: relative(this.root, path).replaceAll('\\', '/'), bytes: Buffer.byteLength(content) };
  }
}

/** A name that cannot leave its folder; different names stay different. */
function safeName(name: string): string {
  const cleaned = name
    .replaceAll(/[^\w.-]+/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 100);
  return cleaned === name
    ? name
    : `${process.getBuiltinModule('node:crypto').createHash('sha256').update(name).digest('hex').slice(0, 8)}-${cleaned}`;
}
