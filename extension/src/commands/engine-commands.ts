import * as vscode from 'vscode';
import { oldestProtocolVersion, protocolVersion } from '../../../core/contract/rpc.ts';
import type { Command, CommandContext } from './context.ts';
import { diagnosis } from './diagnosis.ts';
import { projectOf, targetOf } from './targets.ts';

/** Commands about the engine itself. */
export function engineCommands({ model, log, extensionVersion, pipelinesView }: CommandContext): { readonly [id: string]: Command } {
  const { store, runs } = model;
  return {
    'treadle.reload': async (argument) => {
      const project = argument === undefined ? undefined : projectOf(targetOf(argument, []), store);
      await runs.reload(project?.key);
    },
    'treadle.restartEngine': async (argument) => {
      const project = argument === undefined ? undefined : projectOf(targetOf(argument, []), store);
      for (const { key } of project === undefined ? store.projects : [project]) await runs.restartEngine(key);
    },
    'treadle.showLog': () => log.channel.show(),
    'treadle.diagnose': async () => {
      const settings = vscode.workspace.getConfiguration('treadle');
      const content = diagnosis({
        extensionVersion,
        editorVersion: vscode.version,
        protocols: [...new Set<number>([oldestProtocolVersion, protocolVersion])].join(' to '),
        hostNode: process.version,
        platform: `${process.platform} ${process.arch}`,
        isTrusted: vscode.workspace.isTrusted,
        remote: vscode.env.remoteName,
        projects: store.projects,
        drawn: pipelinesView.drawn,
        // Values of environment variables may be secrets: only their names are written down.
        settings: { ...settings, env: Object.keys(settings.get<object>('env', {})) },
        logLines: log.lastLines,
      });
      const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
      await vscode.window.showTextDocument(document);
    },
  };
}
