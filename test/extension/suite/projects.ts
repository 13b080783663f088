import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { NodeSummary, ProjectSummary, RunSummary, TreadleApi } from '../../../extension/src/api.ts';
import { markProcesses, type LiveProcess, type ProcessMark } from '../../support/processes.ts';
import { addFiles } from '../../support/project.ts';
import { reaches, treadle } from './treadle-api.ts';

/** A project that a suite made in the second root of the window. */
export interface SuiteProject {
  readonly api: TreadleApi;
  readonly folder: string;
  readonly configFile: string;
  /** Of its engine, and of all that comes from there. */
  readonly mark: ProcessMark;
  path(...parts: readonly string[]): string;
  /** What the editor knows of it. */
  summary(): ProjectSummary | undefined;
  node(pipeline: string, id: string): NodeSummary;
  /** Starts a run by the exported interface, and gives its id. */
  start(pipeline: string, ...only: readonly string[]): Promise<string>;
  /** Its runs, the newest first. */
  runs(): readonly RunSummary[];
  /** Waits for the end of a run. */
  end(runId: string): Promise<RunSummary>;
  /** Waits until something holds; it is looked at whenever the extension says something new. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** Waits until nodes of a pipeline are in these states. */
  reaches(pipeline: string, states: Readonly<Record<string, NodeSummary['state']>>): Promise<void>;
  /** The process of its engine. */
  engine(): Promise<LiveProcess>;
  /** Deletes it, waits until it is gone from the editor, and gives the processes that are left of it. */
  close(): Promise<readonly LiveProcess[]>;
}

/** The second root of the window. */
export function workshop(): vscode.WorkspaceFolder {
  return vscode.workspace.workspaceFolders?.[1] ?? assert.fail('there is no second root');
}

/** The folder of the repository under test: what is installed in the second root is a link to it. */
export function repository(): string {
  return realpathSync(join(workshop().uri.fsPath, 'node_modules/treadle'));
}

/** How long processes have to end: what is asked of a window that was killed, too. */
const endMs = 5000;

/**
 * Writes a project into a folder of the second root, and waits until the editor has loaded it.
 *
 * @param file - its pipeline file
 */
export async function openProject(
  name: string,
  files: Readonly<Record<string, string>>,
  file = 'treadle.config.ts',
  isThere = ({ state }: ProjectSummary): boolean => state === 'ready',
): Promise<SuiteProject> {
  const api = await treadle();
  const mark = markProcesses();
  await setEnvironment(mark.env);
  const folder = join(workshop().uri.fsPath, name);
  const configFile = join(folder, file);
  const summary = (): ProjectSummary | undefined => api.projects.find(({ project }) => project === configFile);
  addFiles(folder, files);
  await reaches(api, `project ${name}`, summary, (found) => found !== undefined && isThere(found));
  const node: SuiteProject['node'] = (pipeline, id) =>
    api.nodes({ project: configFile, pipeline }).find((found) => found.id === id) ?? assert.fail(`no step ${id} in ${pipeline}`);
  const runs = (): readonly RunSummary[] => api.runs.filter(({ project }) => project === configFile);
  const until: SuiteProject['until'] = async (what, holds) => {
    await reaches(api, what, holds, (value) => value).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify([summary(), runs()])}`);
    });
  };
  return {
    api,
    folder,
    configFile,
    mark,
    path: (...parts) => join(folder, ...parts),
    summary,
    node,
    start: async (pipeline, ...only) =>
      (await api.run({ project: configFile, pipeline, only })) ?? assert.fail(`${pipeline} has not been started`),
    runs,
    end: async (runId) => {
      const find = (): RunSummary => api.runs.find((run) => run.runId === runId) ?? assert.fail(`no run ${runId}`);
      return reaches(api, `end of ${runId}`, find, ({ state }) => state !== 'running');
    },
    until,
    reaches: async (pipeline, wanted) => {
      const ids = Object.keys(wanted);
      const states = (): unknown => Object.fromEntries(ids.map((id) => [id, node(pipeline, id).state]));
      await reaches(api, JSON.stringify(wanted), states, (seen) => JSON.stringify(seen) === JSON.stringify(wanted));
    },
    engine: () => mark.finds(({ command }) => command.endsWith('serve --stdio')),
    close: async () => {
      await rm(folder, { recursive: true, force: true });
      await reaches(api, `end of ${name}`, summary, (found) => found === undefined);
      const left = await mark.leftovers(endMs);
      mark.kill();
      return left;
    },
  };
}

async function setEnvironment(env: ProcessMark['env']): Promise<void> {
  await vscode.workspace.getConfiguration('treadle', workshop()).update('env', env, vscode.ConfigurationTarget.WorkspaceFolder);
}

/** Waits until no process of a project is left but those that were there before. */
export async function settlesTo(mark: ProcessMark, before: readonly LiveProcess[]): Promise<void> {
  const pids = new Set(before.map(({ pid }) => pid));
  await mark.becomes((found) => found.every(({ pid }) => pids.has(pid)), endMs);
}
