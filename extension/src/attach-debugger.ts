import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { AttachedDebugger, DebugTarget } from './engine/debugged-run.ts';

/** Attaches the editor's own debugger for JavaScript to an engine. */
export async function attachDebugger({ port, name, configFile }: DebugTarget, onStop: () => void): Promise<AttachedDebugger | undefined> {
  const root = dirname(configFile);
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(configFile));
  const configuration: vscode.DebugConfiguration = {
    type: 'node',
    request: 'attach',
    name: `Treadle: ${name}`,
    address: '127.0.0.1',
    port,
    continueOnAttach: true,
    // Breakpoints are set in sources; what runs is what Treadle compiled of them.
    outFiles: [join(root, '.treadle', 'compiled', '**', '*.{js,mjs,cjs}'), join(root, '**', '*.{js,mjs,cjs}'), '!**/node_modules/**'],
    // Everywhere: the folder of compiled files begins with a dot, which patterns pass over.
    resolveSourceMapLocations: null,
    skipFiles: ['<node_internals>/**', '**/node_modules/**'],
    pauseForSourceMap: true,
    autoAttachChildProcesses: false,
    restart: false,
  };
  const sessions = new Map<string, vscode.DebugSession>();
  const ended = Promise.withResolvers<void>();
  const isOurs = (session: vscode.DebugSession): boolean => session.configuration['port'] === port && session.name === configuration.name;
  const listeners = [
    vscode.debug.registerDebugAdapterTrackerFactory('*', {
      createDebugAdapterTracker: (session) =>
        isOurs(session) ? { onWillReceiveMessage: (message: unknown) => isEnd(message) && onStop() } : undefined,
    }),
    vscode.debug.onDidStartDebugSession((session) => {
      if (isOurs(session)) sessions.set(session.id, session);
    }),
    vscode.debug.onDidTerminateDebugSession(({ id }) => {
      if (sessions.delete(id) && sessions.size === 0) ended.resolve();
    }),
  ];
  void ended.promise.then(() => {
    for (const listener of listeners) listener.dispose();
  });
  const detach = (): void => {
    for (const session of sessions.values()) void vscode.debug.stopDebugging(session);
  };
  if (await vscode.debug.startDebugging(folder, configuration)) return { ended: ended.promise, detach };
  ended.resolve();
  return undefined;
}

/** Whether the editor tells the debugger to let go. It says so in the same way for "stop" and "disconnect". */
function isEnd(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'command' in message && message.command === 'disconnect';
}
