import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Watches single paths, whether there is anything or not, by way of the folders that they are in. */
export class PointWatchers {
  private readonly folders = new Map<string, FSWatcher>();
  private points: ReadonlySet<string> = new Set();
  private readonly onChange: (point: string) => void;
  private readonly onError: (error: unknown) => void;

  constructor(onChange: (point: string) => void, onError: (error: unknown) => void) {
    this.onChange = onChange;
    this.onError = onError;
  }

  /** Watches these, and no others. Returns whether there is one among them in a folder that was not watched before. */
  set(points: readonly string[]): boolean {
    this.points = new Set(points);
    const folders = new Set(points.map((point) => dirname(point)));
    for (const [folder, watcher] of this.folders) if (!folders.has(folder)) this.drop(folder, watcher);
    const fresh = [...folders].filter((folder) => !this.folders.has(folder));
    for (const folder of fresh) this.open(folder);
    return fresh.some((folder) => this.folders.has(folder));
  }

  close(): void {
    this.set([]);
  }

  private open(folder: string): void {
    try {
      const watcher = watch(folder, (_, name) => this.heard(folder, name));
      this.folders.set(folder, watcher);
      watcher.on('error', (error) => {
        this.drop(folder, watcher);
        this.onError(error);
      });
    } catch (error) {
      // One that is gone again is looked for with the next change.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) this.onError(error);
    }
  }

  private heard(folder: string, name: string | null): void {
    const heard = [...this.points].filter((point) => dirname(point) === folder && (name === null || basename(point) === name));
    for (const point of heard) this.onChange(point);
    // The folder itself is gone, or another: its watcher hears nothing any more.
    if (name === basename(folder) && !this.points.has(join(folder, name))) this.renew(folder);
  }

  private renew(folder: string): void {
    const watcher = this.folders.get(folder);
    if (watcher !== undefined) this.drop(folder, watcher);
    for (const point of this.points) if (dirname(point) === folder) this.onChange(point);
    if (!this.folders.has(folder)) this.open(folder);
  }

  private drop(folder: string, watcher: FSWatcher): void {
    watcher.close();
    this.folders.delete(folder);
  }
}
