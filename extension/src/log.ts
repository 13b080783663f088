import * as vscode from 'vscode';

/** How many lines "Diagnose" shows. */
const mostLines = 200;
const levels = new Set(['trace', 'debug', 'info', 'warn', 'error']);

/** The log of the extension, which remembers its last lines. */
export interface Log {
  readonly channel: vscode.LogOutputChannel;
  readonly lastLines: readonly string[];
}

export function createLog(): Log {
  const channel = vscode.window.createOutputChannel('Treadle', { log: true });
  const lastLines: string[] = [];
  // The editor's own object cannot be changed, and has no way to read what was logged.
  const recording = new Proxy(Object.create(channel) as vscode.LogOutputChannel, {
    get(_, name) {
      const value: unknown = Reflect.get(channel, name);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return (...values: readonly unknown[]): unknown => {
        if (levels.has(name)) {
          lastLines.push(`${new Date().toISOString()} [${name}] ${values.map(String).join(' ')}`);
          if (lastLines.length > mostLines) lastLines.shift();
        }
        return Reflect.apply(value, channel, values);
      };
    },
  });
  return { channel: recording, lastLines };
}
