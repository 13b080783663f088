import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { ProjectRecord } from '../store/records.ts';
import type { WorkspaceModel } from '../workspace-model.ts';
import { orderOf, readTask, taskType, type TreadleTask } from './definition.ts';
import { TaskTerminal } from './terminal.ts';

/** Pipelines as tasks: for tasks.json, for the command that runs a task, and before a launch. */
export function registerTasks(model: WorkspaceModel): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(taskType, {
    async provideTasks() {
      await model.ready;
      return vscode.workspace.isTrusted ? model.store.projects.flatMap((project) => tasksOf(project, model)) : [];
    },
    resolveTask(task) {
      const { scope } = task;
      const folder = typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
      // The editor goes by the definition's identity: it has to be the one that it handed over.
      return folder === undefined ? undefined : makeTask(task.definition, task.name, folder, model);
    },
  });
}

function tasksOf(project: ProjectRecord, model: WorkspaceModel): readonly vscode.Task[] {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(project.configFile));
  if (folder === undefined) return [];
  const config = pathIn(folder, project);
  return project.pipelines.map(({ name, isDefault }) => {
    const task = makeTask({ type: taskType, pipeline: name, ...(config?.includes('/') === true ? { config } : {}) }, name, folder, model);
    if (isDefault) task.group = vscode.TaskGroup.Test;
    return task;
  });
}

function makeTask(definition: vscode.TaskDefinition, name: string, folder: vscode.WorkspaceFolder, model: WorkspaceModel): vscode.Task {
  const wanted: TreadleTask = readTask(definition);
  const find = () => orderOf(wanted, model.store, (project) => pathIn(folder, project));
  const execution = new vscode.CustomExecution(async () => new TaskTerminal(model, find));
  return new vscode.Task(definition, folder, name, 'treadle', execution, []);
}

function pathIn(folder: vscode.WorkspaceFolder, { configFile }: ProjectRecord): string | undefined {
  const path = relative(folder.uri.fsPath, configFile).split(sep).join('/');
  return path.startsWith('../') ? undefined : path;
}
