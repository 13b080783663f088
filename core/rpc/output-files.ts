import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { serializeError } from '../context/errors.ts';
import type { RunEvent } from '../contract/events.ts';
import { outputFileName } from '../contract/rpc.ts';
import { makeOwnFolderSync } from '../files/own-files.ts';
import { outputFolder } from './output-folder.ts';

/** So many files are open at a time: ten thousand steps may run at once, and a process may open far fewer files. */
const mostOpen = 64;

/** Writes all that the steps of a run print, each to a file of its own. */
export class OutputFiles {
  /** Absolute. */
  readonly folder: string;
  private readonly root: string;
  private readonly report: (message: string) => void;
  /** By step id; the one that was written to last is the last one. */
  private readonly open = new Map<string, number>();
  private readonly started = new Set<string>();
  private failed = false;

  /** @param report - told, once, that output cannot be kept */
  constructor(root: string, runId: string, report: (message: string) => void) {
    this.root = root;
    this.folder = join(outputFolder(root), runId);
    this.report = report;
  }

  add(event: RunEvent): void {
    // Written at once: a step that prints without end is slowed down by that, and memory does not grow.
    if (event.type === 'step:output') this.write(event.id, event.text);
    else if (event.type === 'step:end') this.closeOf(event.id);
  }

  close(): void {
    for (const id of this.open.keys()) this.closeOf(id);
  }

  private write(id: string, text: string): void {
    if (this.failed) return;
    try {
      const file = this.fileOf(id);
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    } catch (thrown) {
      // A full or closed disk must not stop the run; what is shown live does not come from here.
      this.failed = true;
      this.report(`Output is not kept, ${this.folder} cannot be written: ${serializeError(thrown).message}`);
    }
  }

  private fileOf(id: string): number {
    const file = this.open.get(id) ?? this.openOf(id);
    this.open.delete(id);
    this.open.set(id, file);
    return file;
  }

  private openOf(id: string): number {
    if (this.started.size === 0) makeOwnFolderSync(this.root, this.folder);
    const [oldest] = this.open.keys();
    if (oldest !== undefined && this.open.size >= mostOpen) this.closeOf(oldest);
    const file = openSync(join(this.folder, outputFileName(id)), this.started.has(id) ? 'a' : 'w');
    this.started.add(id);
    return file;
  }

  private closeOf(id: string): void {
    const file = this.open.get(id);
    if (file === undefined) return;
    this.open.delete(id);
    closeSync(file);
  }
}
