import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../contract/events.ts';
import { outputFileName } from '../contract/rpc.ts';

/** Output of so many runs is kept. */
const keptRuns = 20;

/** Writes all that the steps of a run print, each to a file of its own, below `.treadle/output/<run>/`. */
export class OutputFiles {
  /** Absolute. */
  readonly folder: string;
  private readonly files = new Map<string, number>();
  private readonly started = new Set<string>();

  constructor(root: string, runId: string) {
    const all = join(root, '.treadle', 'output');
    this.folder = join(all, runId);
    removeOldest(all, keptRuns - 1);
  }

  add(event: RunEvent): void {
    // Written at once: a step that prints without end is slowed down by that, and memory does not grow.
    if (event.type === 'step:output') write(this.fileOf(event.id), event.text);
    else if (event.type === 'step:end') this.closeOf(event.id);
  }

  close(): void {
    for (const id of this.files.keys()) this.closeOf(id);
  }

  private fileOf(id: string): number | undefined {
    const open = this.files.get(id);
    if (open !== undefined) return open;
    try {
      mkdirSync(this.folder, { recursive: true });
      const file = openSync(join(this.folder, outputFileName(id)), this.started.has(id) ? 'a' : 'w');
      this.started.add(id);
      this.files.set(id, file);
      return file;
    } catch {
      // A full or closed disk must not stop the run; what is shown live does not come from here.
      return undefined;
    }
  }

  private closeOf(id: string): void {
    const file = this.files.get(id);
    if (file === undefined) return;
    this.files.delete(id);
    closeSync(file);
  }
}

function write(file: number | undefined, text: string): void {
  if (file === undefined) return;
  try {
    writeSync(file, text);
  } catch {
    // As above.
  }
}

/** Run ids begin with their time, so that their order is that of their names. */
function removeOldest(folder: string, kept: number): void {
  let runs: string[];
  try {
    runs = readdirSync(folder).toSorted();
  } catch {
    return;
  }
  for (const run of runs.slice(0, Math.max(0, runs.length - kept))) {
    try {
      rmSync(join(folder, run), { recursive: true, force: true });
    } catch {
      // Another process's, or being read: it goes the next time.
    }
  }
}
