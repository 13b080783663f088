import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { findConfig } from '../config/find-config.ts';
import { serializeError } from '../context/errors.ts';
import type { SerializedError } from '../contract/errors.ts';
import type { ProjectState } from '../contract/rpc.ts';
import { createEngine, type Engine } from '../engine.ts';
import { planWithoutSecrets } from '../secrets/without-secrets.ts';

/** Where the project is. */
export interface ProjectPlace {
  /** Absolute. */
  readonly cwd: string;
  readonly configFile?: string;
}

/** Keeps the project of a server loaded, and loads it again when its files have changed. */
export class ProjectHost {
  private readonly place: ProjectPlace;
  private readonly onState: (state: ProjectState) => void;
  private engine: Engine | undefined;
  private state: ProjectState | undefined;
  private stamps = new Map<string, string>();
  private loading: Promise<ProjectState> | undefined;
  private readonly closing = new Set<Promise<void>>();

  /** @param onState - told when the project is loaded anew, or breaks */
  constructor(place: ProjectPlace, onState: (state: ProjectState) => void) {
    this.place = place;
    this.onState = onState;
  }

  /** How the project stands; loads it where it is stale. */
  async list(reload = false): Promise<ProjectState> {
    if (this.loading !== undefined) await this.loading;
    const { state } = this;
    // What mends a broken project may be a file that it does not know of yet.
    if (state?.kind === 'loaded' && !reload && !this.isStale()) return state;
    this.loading ??= this.load().finally(() => (this.loading = undefined));
    return this.loading;
  }

  /** The engine of the project as its files are now. Throws what is wrong with it. */
  async current(): Promise<Engine> {
    const state = await this.list();
    if (state.kind === 'broken' || this.engine === undefined) throw new BrokenProject(state.kind === 'broken' ? state.problems : []);
    return this.engine;
  }

  /** The project's folder, absolute; where it is looked for, as long as it has not been found. */
  get root(): string {
    if (this.engine !== undefined) return this.engine.project.root;
    try {
      return dirname(findConfig(this.place.cwd, this.place.configFile));
    } catch {
      return this.place.cwd;
    }
  }

  /** Files that the project is made of. Absolute. */
  get files(): readonly string[] {
    return this.state?.files ?? [];
  }

  async close(): Promise<void> {
    await this.loading;
    if (this.engine !== undefined) this.retire(this.engine);
    this.engine = undefined;
    await Promise.all(this.closing);
  }

  private async load(): Promise<ProjectState> {
    const before = this.state;
    try {
      const engine = await createEngine({ ...this.place, guardAtOnce: true });
      if (this.engine !== undefined) this.retire(this.engine);
      this.engine = engine;
      this.state = describe(engine);
    } catch (thrown) {
      const error = serializeError(thrown);
      const problems = error.errors ?? [error];
      this.state = { kind: 'broken', problems, files: this.filesOfBroken(problems) };
    }
    const { state } = this;
    const isNews = before !== undefined && (state.kind === 'loaded' || JSON.stringify(state) !== JSON.stringify(before));
    this.stamps = new Map([...state.files, ...this.pluginFolders()].map((file) => [file, stampOf(file)]));
    if (isNews) this.onState(state);
    return state;
  }

  /** Its threads end once its last run has. */
  private retire(engine: Engine): void {
    const closed = engine.settled().then(() => engine.close());
    this.closing.add(closed);
    void closed.then(() => this.closing.delete(closed));
  }

  private isStale(): boolean {
    for (const [file, stamp] of this.stamps) if (stampOf(file) !== stamp) return true;
    return false;
  }

  /** Their times change when a plugin is added or removed. */
  private pluginFolders(): readonly string[] {
    if (this.engine === undefined) return [];
    const { root, pipelines } = this.engine.project;
    return [...pipelines.values()]
      .flatMap(({ definition }) => definition.settings.plugins ?? ['plugins'])
      .map((folder) => join(root, folder));
  }

  /** What a person may edit to mend it. */
  private filesOfBroken(problems: readonly SerializedError[]): readonly string[] {
    let config: string;
    try {
      config = findConfig(this.place.cwd, this.place.configFile);
    } catch {
      return this.files.length > 0 ? this.files : [resolve(this.place.cwd, this.place.configFile ?? 'treadle.config.ts')];
    }
    const root = dirname(config);
    const named = problems.flatMap(({ location }) => (location === undefined ? [] : [absolute(root, location.file)]));
    return [...new Set([config, ...this.files, ...named, ...pluginFiles(join(root, 'plugins'))])];
  }
}

/** There is nothing to run: the problems say why. */
export class BrokenProject extends Error {
  readonly problems: readonly SerializedError[];

  constructor(problems: readonly SerializedError[]) {
    super(problems[0]?.message ?? 'The project cannot be loaded.');
    this.problems = problems;
  }
}

function describe({ project }: Engine): ProjectState {
  const names = [...project.pipelines.keys()];
  return {
    kind: 'loaded',
    root: project.root,
    configFile: project.configFile,
    pipelines: [...project.pipelines.values()].map(({ name, plan }) => ({
      name,
      plan: planWithoutSecrets(plan, process.env),
      isDefault: names.length === 1 || name === 'default',
    })),
    plugins: project.plugins.plugins.map(({ name, description, file, builtIn }) => ({
      name,
      ...(description === undefined ? {} : { description }),
      ...(builtIn ? {} : { file }),
    })),
    problems: project.plugins.problems.map((problem) => serializeError(problem)),
    files: project.dependencies,
  };
}

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.mtimeMs} ${found.size}`;
}

function absolute(root: string, file: string): string {
  return isAbsolute(file) ? file : join(root, file);
}

function pluginFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name));
}
