import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { EngineUnavailable } from '../engine/engine-error.ts';
import type { EngineLocation } from '../engine/locate-engine.ts';
import type { Command, CommandContext } from './context.ts';
import { detectPackageManager } from './package-manager.ts';
import type { PackageManager } from './package-manager.ts';
import { projectOf, targetOf } from './targets.ts';
import { runInTerminal, runProgram } from './terminal.ts';

const t = vscode.l10n.t;
const pluginName = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Commands that add something to a project: Treadle itself, a pipeline file, a plugin. */
export function projectCommands({ model, pipelinesView }: CommandContext): { readonly [id: string]: Command } {
  const { store, runs } = model;

  async function install(argument: unknown): Promise<void> {
    const target = targetOf(argument, []);
    const lacking = store.projects.filter(({ problem }) => problem?.kind === 'no-treadle' || problem?.kind === 'version');
    const root =
      projectOf(target, store)?.root ??
      (lacking.length === 1 ? lacking[0]?.root : undefined) ??
      (await pickFolder(t('Install Treadle where?')));
    if (root === undefined) return;
    const { addTreadle } = await managerOf(root);
    const exitCode = await runInTerminal(t('Install Treadle'), addTreadle, root);
    if (exitCode === 0) await runs.reload();
  }

  /** What to write is known by the project's own Treadle. */
  async function init(): Promise<void> {
    const root = await pickFolder(t('Create a pipeline file where?'));
    if (root === undefined) return;
    const existing = await pipelineFileIn(root);
    if (existing !== undefined) {
      void vscode.window.showInformationMessage(t('{0} is there already.', existing));
      return void vscode.window.showTextDocument(vscode.Uri.file(join(root, existing)));
    }
    // A project's Treadle is a program of the project.
    if (!vscode.workspace.isTrusted) {
      return void vscode.window.showInformationMessage(t('{0} cannot run before you trust this workspace.', 'Treadle'));
    }
    const { command } = (await installedFor(root)) ?? {};
    if (command === undefined) return;
    const exitCode = await runProgram(t('Initialise'), command.file, [...command.args, 'init', '--yes'], { cwd: root, env: command.env });
    if (exitCode !== 0) return;
    const written = await pipelineFileIn(root);
    if (written !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(join(root, written)), { preview: false });
    await runs.reload();
  }

  /** How to start the Treadle of a folder; where there is none, the person is asked to install it. */
  async function installedFor(root: string): Promise<EngineLocation | undefined> {
    try {
      return await model.locateTreadle(root);
    } catch (thrown) {
      if (!(thrown instanceof EngineUnavailable) || thrown.problem.kind !== 'no-treadle') throw thrown;
    }
    const { addTreadle } = await managerOf(root);
    const message = t(
      'Treadle is not installed in {0}. Install it with "{1}"; it then writes the pipeline file.',
      root,
      addTreadle.join(' '),
    );
    if ((await vscode.window.showInformationMessage(message, t('Install Treadle'))) === undefined) return undefined;
    const exitCode = await runInTerminal(t('Install Treadle'), addTreadle, root);
    return exitCode === 0 ? model.locateTreadle(root) : undefined;
  }

  async function newPlugin(argument: unknown): Promise<void> {
    const project = projectOf(targetOf(argument, pipelinesView.selection), store) ?? (await pickProject());
    if (project === undefined) return;
    const name = await vscode.window.showInputBox({
      title: t('New Plugin'),
      prompt: t('Its name, for "uses" and for the file'),
      placeHolder: 'check-links',
      validateInput: (value) =>
        pluginName.test(value) ? undefined : t('Small letters, digits and single dashes, beginning with a letter, such as check-links'),
    });
    if (name === undefined) return;
    const { exec } = await managerOf(project.root);
    const exitCode = await runInTerminal(t('New Plugin'), [...exec, 'new', 'plugin', name], project.root);
    if (exitCode !== 0) return;
    await vscode.window.showTextDocument(vscode.Uri.file(join(project.root, 'plugins', `${name}.ts`)));
    await runs.reload(project.key);
  }

  async function pickProject() {
    const items = store.projects.map((project) => ({ label: project.label, description: project.configFile, project }));
    if (items.length === 0) void vscode.window.showInformationMessage(t('There is no pipeline file yet: run "Treadle: Initialise" first.'));
    return items.length === 0 ? undefined : (await vscode.window.showQuickPick(items, { title: t('In which project?') }))?.project;
  }

  return { 'treadle.install': install, 'treadle.init': init, 'treadle.newPlugin': newPlugin };
}

async function pickFolder(title: string): Promise<string | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length <= 1) return folders[0]?.uri.fsPath;
  const items = folders.map(({ name, uri }) => ({ label: name, description: uri.fsPath, path: uri.fsPath }));
  return (await vscode.window.showQuickPick(items, { title }))?.path;
}

async function pipelineFileIn(root: string): Promise<string | undefined> {
  return (await readdir(root)).find((name) => /^treadle\.config\.(?:[mc]?[jt]s|json)$/.test(name));
}

async function managerOf(root: string): Promise<PackageManager> {
  const workspace = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(root))?.uri.fsPath ?? root;
  const folders = [];
  for (let folder = root; ; folder = dirname(folder)) {
    const files = new Set(await readdir(folder).catch(() => []));
    const { packageManager } = await readPackage(folder);
    folders.push({ files, ...(packageManager === undefined ? {} : { packageManager }) });
    if (folder === workspace || folder === dirname(folder)) return detectPackageManager(folders);
  }
}

interface PackageFacts {
  readonly packageManager?: string;
}

/** What package.json says; nothing where there is none, or where it is broken: that is for others to complain about. */
async function readPackage(folder: string): Promise<PackageFacts> {
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  } catch {
    return {};
  }
  if (typeof manifest !== 'object' || manifest === null) return {};
  const manager: unknown = Reflect.get(manifest, 'packageManager');
  return typeof manager === 'string' ? { packageManager: manager } : {};
}
