import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { WatchLoop } from '../../core/contract/rpc.ts';
import { attachDebugger } from './attach-debugger.ts';
import { EngineLocator, type EngineLocation, type EngineSettings, type WhenBusy } from './engine/locate-engine.ts';
import { sweepEngines } from './engine/sweep.ts';
import { KeptHistory, type KeptRunReader } from './history/kept-history.ts';
import { watchRuns } from './history/watch-runs.ts';
import type { Notice } from './notice.ts';
import { watchFiles } from './file-changes.ts';
import { ProjectFinder } from './project-finder.ts';
import { ProjectSet } from './project-set.ts';
import { RunController } from './run-controller.ts';
import { createStore } from './store/create-store.ts';
import type { StoreView } from './store/records.ts';
import type { RunControl } from './store/run-control.ts';
import { WatchedPipelines } from './watched-pipelines.ts';

export type { Notice } from './notice.ts';

/** What the model needs of the extension; an `ExtensionContext` has most of it. */
export interface WorkspaceModelDeps {
  /** Kept per workspace: which pipelines are watched. */
  readonly workspaceState: vscode.Memento;
  /** The extension's own folder, for records of the engines that run. */
  readonly globalStorageUri: vscode.Uri;
  /** Told to the engine in the first message. */
  readonly extensionVersion: string;
  /** What the engine and its finding say; never steps' output. */
  readonly log: vscode.LogOutputChannel;
  /** Shows it to the person. */
  readonly tell: (notice: Notice) => void;
}

/** Pipelines, runs and what can be done with them: all that views and commands need. */
export interface WorkspaceModel {
  readonly store: StoreView;
  readonly runs: RunControl;
  /** Runs that projects have kept. */
  readonly history: KeptRunReader;
  /** The Treadle of a folder, pipeline file or not, with what starts it. Rejects with an `EngineUnavailable`. */
  locateTreadle(folder: string): Promise<EngineLocation>;
  /** Resolves once the pipeline files of the workspace are known; their engines may still be starting. */
  readonly ready: Promise<void>;
  /** Told when `ready` or when pipeline files come or go: for the context key of "no pipeline" welcome views. */
  readonly onDidFindProjects: (listener: () => void) => vscode.Disposable;
  /** Stops all runs and engines; takes at most four seconds. For `deactivate`. */
  dispose(): Promise<void>;
}

/** An engine has so long to stop its runs and itself when the window closes, in milliseconds. */
const closeGraceMs = 3500;

/** Finds the pipeline files of the workspace, starts their engines, and keeps all of it up to date until it is disposed of. */
export function createWorkspaceModel(deps: WorkspaceModelDeps): WorkspaceModel {
  const { log, tell } = deps;
  const store = createStore();
  const watched = new WatchedPipelines(deps.workspaceState);
  for (const project of watched.projects) for (const pipeline of watched.of(project)) store.setWatched(project, pipeline, true);
  const recordFolder = join(deps.globalStorageUri.fsPath, 'engines');
  const locator = new EngineLocator({
    env: process.env,
    home: homedir(),
    editor: { path: process.execPath, version: process.versions.node },
  });
  const projects = new ProjectSet({
    store,
    log,
    client: { name: 'vscode', version: deps.extensionVersion },
    locator,
    settings: settingsOf,
    watched,
    onCutOff: (configFile, pipelines) =>
      tell({
        severity: 'warning',
        message: vscode.l10n.t('{0} was stopped: {1} is no pipeline file of this window any more.', pipelines.join(', '), configFile),
      }),
    onLoop: (project, loop) => tell({ severity: 'warning', project, message: explainLoop(loop) }),
    recordFolder,
    attachDebugger,
    isTrusted: () => vscode.workspace.isTrusted,
  });
  const runs = new RunController({
    store,
    engines: projects,
    watched,
    tell,
    translate: vscode.l10n.t,
    forgetPrograms: () => locator.forget(),
  });
  const history = new KeptHistory({ store, engineOf: (project) => projects.get(project), log });
  const found = new vscode.EventEmitter<void>();
  const finder = new ProjectFinder(async (files) => {
    await projects.replace(files);
    found.fire();
  });
  const report = (thrown: unknown): void => log.error(thrown instanceof Error ? thrown : String(thrown));
  const disposables = [
    found,
    finder,
    watchFiles(projects),
    history,
    watchRuns(store, history),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void sweepAndTrust().catch(report)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const affects = (key: string): boolean =>
        engineSettings.some((name) => event.affectsConfiguration(`treadle.${name}`, vscode.Uri.file(key)));
      runs.settingsChanged(projects.all.map(({ key }) => key).filter(affects));
      if (event.affectsConfiguration('treadle.watch')) for (const engine of projects.all) void engine.renewWatch().catch(report);
    }),
  ];
  const sweep = async (): Promise<void> => {
    const killed = await sweepEngines(recordFolder);
    if (killed > 0) log.info(`Ended ${killed} engine(s) that another window left.`);
  };
  const sweepAndTrust = async (): Promise<void> => {
    await sweep();
    await projects.grantTrust();
  };
  if (vscode.workspace.isTrusted) void sweep().catch(report);
  let disposal: Promise<void> | undefined;
  return {
    store,
    runs,
    history,
    locateTreadle: (folder) => {
      const workspaceFolder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder))?.uri.fsPath ?? folder;
      return locator.locateProgram(folder, workspaceFolder, settingsOf(folder));
    },
    ready: finder.ready,
    onDidFindProjects: found.event,
    dispose: () => {
      for (const disposable of disposables) disposable.dispose();
      disposal ??= projects.dispose(closeGraceMs);
      return disposal;
    },
  };
}

/** Settings that an engine is started with. */
const engineSettings = ['nodePath', 'packagePath', 'env'];

function settingsOf(configFile: string): EngineSettings {
  const settings = vscode.workspace.getConfiguration('treadle', vscode.Uri.file(configFile));
  return {
    nodePath: settings.get('nodePath', ''),
    packagePath: settings.get('packagePath', ''),
    env: settings.get('env', {}),
    maxWorkers: settings.get('maxWorkers', 0),
    whenBusy: settings.get('watch.mode') === 'off' ? undefined : settings.get<WhenBusy>('watch.whenBusy', 'restart'),
    debounceMs: settings.get('watch.debounce', 50),
  };
}

function explainLoop({ file, stepIds, by }: WatchLoop): string {
  const steps = stepIds.map((id) => `"${id}"`).join(', ');
  if (by === 'other') return explainRestless(file, steps);
  return stepIds.length === 0
    ? vscode.l10n.t('A step writes {0} in every run, which would start the next. Add it to the outputs of that step.', file)
    : vscode.l10n.t('{0} writes {1} in every run, which would start the next. Add it to the outputs of that step.', steps, file);
}

function explainRestless(file: string, services: string): string {
  return services === ''
    ? vscode.l10n.t(
        '{0} changes again and again, and each time a run starts. If it is not you: name it in .gitignore, or in the outputs of the step that it comes from.',
        file,
      )
    : vscode.l10n.t(
        '{0} changes again and again, and each time a run starts. The service of {1} may write it. If it is not you: name it in .gitignore, or in the outputs of the step that it comes from.',
        file,
        services,
      );
}
