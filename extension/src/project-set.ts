import type { WatchLoop } from '../../core/contract/rpc.ts';
import { dirname } from 'node:path';
import type { AttachDebugger } from './engine/debugged-run.ts';
import type { EngineLocator, EngineSettings } from './engine/locate-engine.ts';
import type { Log } from './engine/engine-launch.ts';
import { ProjectEngine } from './engine/project-engine.ts';
import { recordEngine } from './engine/sweep.ts';
import { readStaticPipelines } from './static-pipelines.ts';
import type { ProjectKey } from './store/records.ts';
import type { Store } from './store/store.ts';
import type { WatchedPipelines } from './watched-pipelines.ts';

/** A pipeline file that was found. */
export interface ProjectFile {
  /** Absolute. */
  readonly configFile: string;
  readonly label: string;
  /** Absolute path of the workspace folder that it is in. */
  readonly workspaceFolder: string;
}

/** What the projects of a window share. */
export interface ProjectSetOptions {
  readonly store: Store;
  readonly log: Log;
  readonly client: { readonly name: string; readonly version: string };
  readonly locator: EngineLocator;
  readonly settings: (configFile: string) => EngineSettings;
  readonly watched: WatchedPipelines;
  /** Runs were stopped because their pipeline file is none of this window any more. */
  readonly onCutOff: (configFile: string, pipelines: readonly string[]) => void;
  /** A step starts its own pipeline again and again. */
  readonly onLoop: (project: ProjectKey, loop: WatchLoop) => void;
  readonly attachDebugger: AttachDebugger;
  /** Holds the records of engines that run. */
  readonly recordFolder: string;
  readonly isTrusted: () => boolean;
}

/** So many engines start at the same time. */
const startsAtOnce = 2;

/** The projects of a window, each with an engine of its own; in a window that is not trusted, without. */
export class ProjectSet {
  private readonly options: ProjectSetOptions;
  private readonly files = new Map<ProjectKey, ProjectFile>();
  private readonly engines = new Map<ProjectKey, ProjectEngine>();
  private readonly toStart: ProjectEngine[] = [];
  private starts = 0;

  constructor(options: ProjectSetOptions) {
    this.options = options;
  }

  get all(): readonly ProjectEngine[] {
    return [...this.engines.values()];
  }

  get(key: ProjectKey): ProjectEngine | undefined {
    return this.engines.get(key);
  }

  /** Makes these the projects: opens those that are new, closes those that are gone. */
  async replace(files: readonly ProjectFile[]): Promise<void> {
    const wanted = new Map(files.map((file) => [file.configFile, file]));
    const gone = [...this.files.keys()].filter((key) => !wanted.has(key));
    const closing = gone.map((key) => this.close(key));
    for (const file of files) {
      const known = this.files.get(file.configFile);
      if (known === undefined) await this.open(file);
      else if (known.label !== file.label) this.relabel(file);
    }
    await Promise.all(closing);
  }

  /** The window has become trusted: engines may start. */
  async grantTrust(): Promise<void> {
    for (const file of this.files.values()) await this.open(file);
  }

  settingsOf(key: ProjectKey): EngineSettings {
    return this.options.settings(key);
  }

  /** Ends all engines and their runs. */
  async dispose(graceMs: number): Promise<void> {
    this.toStart.length = 0;
    this.files.clear();
    await Promise.all([...this.engines.values()].map((engine) => engine.dispose(graceMs)));
  }

  private async open(file: ProjectFile): Promise<void> {
    const { configFile: key } = file;
    this.files.set(key, file);
    if (this.engines.has(key)) return;
    if (!this.options.isTrusted()) return this.showUntrusted(file);
    const engine = this.makeEngine(file);
    this.engines.set(key, engine);
    this.toStart.push(engine);
    this.startNext();
  }

  /** A second file in its folder, for one, makes a longer label necessary. */
  private relabel(file: ProjectFile): void {
    const { configFile: key, label } = file;
    this.files.set(key, file);
    const engine = this.engines.get(key);
    if (engine !== undefined) engine.label = label;
    const record = this.options.store.project(key);
    if (record !== undefined) this.options.store.setProject({ ...record, label });
  }

  /** The store has forgotten it when this returns; the promise tells when its engine has ended. */
  private close(key: ProjectKey): Promise<void> {
    const engine = this.engines.get(key);
    this.engines.delete(key);
    this.files.delete(key);
    const { store, onCutOff } = this.options;
    const cutOff = store.runs.filter(({ project, state }) => project === key && state === 'running').map(({ pipeline }) => pipeline);
    if (cutOff.length > 0) onCutOff(key, [...new Set(cutOff)]);
    const closed = engine?.dispose(2000) ?? Promise.resolve();
    store.removeProject(key);
    return closed;
  }

  private makeEngine({ configFile, label, workspaceFolder }: ProjectFile): ProjectEngine {
    const { store, log, client, locator, settings, watched, onLoop, recordFolder, attachDebugger } = this.options;
    return new ProjectEngine({
      key: configFile,
      label,
      configFile,
      client,
      store,
      log,
      locate: () => locator.locate(configFile, workspaceFolder, settings(configFile)),
      attachDebugger,
      watched: () => watched.of(configFile),
      whenBusy: () => settings(configFile).whenBusy,
      debounceMs: () => settings(configFile).debounceMs,
      onLoop: (loop) => onLoop(configFile, loop),
      record: (pid) => recordEngine(recordFolder, pid),
    });
  }

  private startNext(): void {
    while (this.starts < startsAtOnce) {
      const engine = this.toStart.shift();
      if (engine === undefined) return;
      this.starts += 1;
      void engine.load().then(() => {
        this.starts -= 1;
        this.startNext();
      });
    }
  }

  private async showUntrusted({ configFile, label }: ProjectFile): Promise<void> {
    const { store } = this.options;
    const root = dirname(configFile);
    store.setProject({ key: configFile, label, configFile, root, state: 'broken', problem: { kind: 'untrusted' } });
    const pipelines = await readStaticPipelines(configFile);
    // It may have been closed, or trusted, meanwhile.
    if (store.project(configFile)?.problem?.kind !== 'untrusted' || pipelines.length === 0) return;
    store.setPipelines(configFile, { root, pipelines, plugins: [], problems: [] });
    store.setProblem(configFile, { kind: 'untrusted' });
  }
}
