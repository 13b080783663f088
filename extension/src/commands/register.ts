import * as vscode from 'vscode';
import type { CommandContext } from './context.ts';
import { engineCommands } from './engine-commands.ts';
import { projectCommands } from './project-commands.ts';
import { runCommands } from './run-commands.ts';
import { showCommands } from './show-commands.ts';

/** Registers every command of the manifest that is not some other part's. */
export function registerCommands(context: CommandContext): vscode.Disposable {
  const commands = { ...runCommands(context), ...showCommands(context), ...projectCommands(context), ...engineCommands(context) };
  const registered = Object.entries(commands).map(([id, command]) =>
    vscode.commands.registerCommand(id, async (target: unknown, targets: unknown) => {
      try {
        await command(target, targets);
      } catch (error) {
        context.log.channel.error(`${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        void vscode.window.showErrorMessage(vscode.l10n.t('Treadle: {0}', error instanceof Error ? error.message : String(error)));
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
