import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AttachDebugger, DebugTarget } from '../../../extension/src/engine/debugged-run.ts';
import { EngineLocator, type EngineSettings } from '../../../extension/src/engine/locate-engine.ts';
import { ProjectEngine, type EngineTiming } from '../../../extension/src/engine/project-engine.ts';
import { recordEngine } from '../../../extension/src/engine/sweep.ts';
import { createStore } from '../../../extension/src/store/create-store.ts';
import type { NodeState, ProjectRecord } from '../../../extension/src/store/records.ts';
import type { Store } from '../../../extension/src/store/store.ts';
import { fakeTreadle } from '../../support/fake-treadle.ts';
import { makeProject } from '../../support/project.ts';

const repository = resolve(import.meta.dirname, '../../..');

/** A project whose `treadle` is the fake engine. */
export function makeFakeProject(steps: readonly string[]): string {
  return makeProject({
    'treadle.config.json': JSON.stringify({ steps }),
    ...fakeTreadle(repository, '1.2.3'),
  });
}

/** A project whose `treadle` is the one of this repository, run from its sources. */
export function makeRealProject(files: Readonly<Record<string, string>>): string {
  return makeProject({
    'node_modules/treadle/package.json': JSON.stringify({ name: 'treadle', version: '0.1.0', bin: { treadle: './bin.cjs' } }),
    'node_modules/treadle/bin.cjs': `require(${JSON.stringify(join(repository, 'core/bin.cts'))});`,
    ...files,
  });
}

/** An engine of a project, its store, and what was logged. */
export interface OpenEngine {
  readonly engine: ProjectEngine;
  readonly store: Store;
  readonly logged: readonly string[];
  readonly records: string;
  project(): ProjectRecord | undefined;
  stateOf(id: string): NodeState | undefined;
  /** Resolves once it holds, looked at whenever the store or the log changes. */
  until(what: string, holds: () => boolean): Promise<void>;
}

export interface EngineSetup {
  readonly root: string;
  readonly env?: { readonly [name: string]: string };
  readonly timing?: Partial<EngineTiming>;
  readonly watched?: readonly string[];
  readonly attachDebugger?: AttachDebugger;
  readonly file?: string;
  readonly settings?: Partial<EngineSettings>;
}

const opened: ProjectEngine[] = [];

export function openEngine({
  root,
  env = {},
  timing,
  attachDebugger = async () => undefined,
  watched = [],
  file = 'treadle.config.json',
  settings,
}: EngineSetup): OpenEngine {
  const store = createStore();
  const logged: string[] = [];
  const waiting = new Set<() => void>();
  const look = (): void => waiting.forEach((wake) => wake());
  store.onDidChange(look);
  const write = (message: string): void => {
    logged.push(message);
    look();
  };
  const configFile = join(root, file);
  const records = join(root, 'records');
  const locator = new EngineLocator({
    env: process.env,
    home: homedir(),
    editor: { path: process.execPath, version: process.versions.node },
  });
  const chosen = { nodePath: process.execPath, packagePath: '', env, maxWorkers: 0, whenBusy: 'restart' as const, ...settings };
  const engine = new ProjectEngine({
    key: configFile,
    label: 'project',
    configFile,
    client: { name: 'test', version: '0' },
    store,
    log: { info: write, warn: write, error: write },
    locate: () => locator.locate(configFile, root, chosen),
    attachDebugger,
    watched: () => watched,
    whenBusy: () => chosen.whenBusy,
    onLoop: ({ file }) => write(`loop ${file}`),
    record: (pid) => recordEngine(records, pid),
    ...(timing === undefined ? {} : { timing }),
  });
  opened.push(engine);
  return {
    engine,
    store,
    logged,
    records,
    project: () => store.project(configFile),
    stateOf: (id) => store.node(store.nodeKey(configFile, 'ci', id))?.state,
    until: (what, holds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not seen: ${what}\n${logged.join('\n')}`)), 15_000);
        const wake = (): void => {
          if (!holds()) return;
          clearTimeout(timer);
          waiting.delete(wake);
          // What the change is part of comes to its end first.
          setImmediate(resolve);
        };
        waiting.add(wake);
        wake();
      }),
  };
}

/** Lets an engine go on that waits for a debugger. @returns what its inspector says of it. */
export async function letGo({ port }: DebugTarget): Promise<string> {
  const [target] = JSON.parse(await (await fetch(`http://127.0.0.1:${port}/json/list`)).text());
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  const answered = new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
  socket.send('{"id":1,"method":"Runtime.runIfWaitingForDebugger"}');
  await answered;
  // A process that ends waits for its debugger to be gone.
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve, { once: true }));
  socket.close();
  await closed;
  return String(target.description);
}

/** A debugger that lets the engine go on at once, and stays. */
export const lenient: AttachDebugger = async (target) => {
  await letGo(target);
  return { ended: new Promise(() => undefined), detach: () => undefined };
};

/** For `afterEach`. */
export async function closeEngines(): Promise<void> {
  await Promise.all(opened.splice(0).map((engine) => engine.dispose(2000)));
}
