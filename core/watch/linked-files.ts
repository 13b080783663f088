import { join } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { listFiles } from '../files/listed-files.ts';
import { projectPath } from '../files/project-path.ts';
import { changedAt } from './changed-at.ts';
import { PointWatchers } from './point-watchers.ts';
import type { WatchedPaths } from './watched-paths.ts';

/** A file system's clock may be so much behind, in milliseconds. */
const clockLagMs = 20;

export interface LinkedFilesOptions {
  readonly root: string;
  readonly paths: WatchedPaths;
  /** Watches a folder. */
  readonly open: (folder: string) => FSWatcher;
  /** @param file - relative to the project */
  readonly tell: (file: string) => void;
  readonly onError: (error: unknown) => void;
}

interface WatchedFolder {
  readonly watcher: FSWatcher;
  /** Resolves once every change is told, or none any more. */
  readonly ready: Promise<void>;
  readonly close: () => Promise<void>;
}

/** Watches what steps read through links: what these lead to, and whether they lead elsewhere. */
export class LinkedFiles {
  private readonly options: LinkedFilesOptions;
  private readonly points: PointWatchers;
  /** By the folder that a link leads to. */
  private readonly folders = new Map<string, WatchedFolder>();
  private coveredAt = Date.now();
  private isNoting = false;
  private isClosed = false;

  constructor(options: LinkedFilesOptions) {
    this.options = options;
    this.points = new PointWatchers((point) => this.recheck(point), options.onError);
  }

  /** A link was seen. */
  note(path: string): void {
    if (!this.options.paths.links.note(path) || this.isNoting) return;
    this.isNoting = true;
    queueMicrotask(() => this.followNoted());
  }

  /** A file, or a link, is new in a folder that was watched before. */
  added(path: string): void {
    const { links } = this.options.paths;
    if (!links.has(path)) return;
    this.followNoted();
    this.tellBehind(links.namesOfLink(path));
  }

  /** Steps have other `inputs` from now on. */
  covered(): void {
    this.coveredAt = Date.now();
    this.followed();
  }

  /** Which links are followed has been found out anew. */
  private followed(): void {
    if (this.isClosed) return;
    const { links } = this.options.paths;
    const wanted = new Set(links.folders);
    for (const [folder, { close }] of this.folders) {
      if (wanted.has(folder)) continue;
      this.folders.delete(folder);
      void close();
    }
    for (const folder of wanted) if (!this.folders.has(folder)) this.open(folder);
    // What happened before they were watched.
    if (this.points.set(links.points)) for (const point of links.points) this.recheck(point, true);
  }

  /** Resolves once every change behind the links that are followed now is told. */
  async ready(): Promise<void> {
    await Promise.all([...this.folders.values()].map(({ ready }) => ready));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.points.close();
    await Promise.all([...this.folders.values()].map(({ close }) => close()));
  }

  private open(folder: string): void {
    const since = this.coveredAt - clockLagMs;
    const watcher = this.options.open(folder);
    const ready = Promise.withResolvers<void>();
    watcher.once('ready', () => {
      ready.resolve();
      // Nobody has heard of what changed since steps may have read it.
      this.tellBehind(this.options.paths.links.namesOf(folder), since);
    });
    watcher.on('error', (error) => {
      ready.resolve();
      this.options.onError(error);
    });
    this.folders.set(folder, {
      ready: ready.promise,
      watcher,
      close: async () => {
        ready.resolve();
        await watcher.close();
      },
    });
  }

  private followNoted(): void {
    if (!this.isNoting) return;
    this.isNoting = false;
    this.options.paths.links.follow();
    this.followed();
  }

  private recheck(point: string, onlyMoved = false): void {
    const { paths, tell } = this.options;
    const { moved, files } = paths.links.recheck(point);
    for (const { names, before } of moved) {
      if (before.isFolder && before.target !== undefined) this.tellOf(before.target, names);
      this.tellBehind(names);
    }
    if (!onlyMoved || moved.length > 0) for (const file of files) if (paths.isInput(file)) tell(file);
    this.followed();
  }

  /** What was in a folder, by the names that it had. */
  private tellOf(folder: string, names: readonly string[]): void {
    const { paths, tell } = this.options;
    const tree = this.folders.get(folder)?.watcher.getWatched() ?? {};
    for (const [path, children] of Object.entries(tree)) {
      for (const file of children.map((child) => join(path, child))) {
        if (file in tree || !file.startsWith(folder)) continue;
        for (const own of names.map((name) => `${name}/${projectPath(folder, file)}`)) if (paths.isInput(own)) tell(own);
      }
    }
  }

  /** What is in folders with these names now. @param since - only what changed after that */
  private tellBehind(names: readonly string[], since = 0): void {
    const { root, paths, tell } = this.options;
    for (const patterns of names.length === 0 ? [] : paths.inputs) {
      for (const file of listFiles(root, patterns, 'follow')) {
        if (names.some((name) => file.startsWith(`${name}/`)) && (changedAt(root, file) ?? since) >= since) tell(file);
      }
    }
  }
}
