import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { resolve } from 'node:path';
import { createMessageConnection } from 'vscode-jsonrpc/node';
import type { RunEvent, RunEventOf, RunEventType } from '../../core/contract/events.ts';
import type { EventBatch, InitializeParams, RpcRequests, RpcServerNotifications } from '../../core/contract/rpc.ts';

const repository = resolve(import.meta.dirname, '../..');
const program = resolve(repository, process.env['TREADLE_BIN'] ?? 'core/bin.cts');

type Notification = {
  [Method in keyof RpcServerNotifications]: { method: Method; params: RpcServerNotifications[Method] };
}[keyof RpcServerNotifications];

/** An editor's side of the conversation with one server. */
export interface EditorSide {
  readonly batches: readonly EventBatch[];
  readonly events: readonly RunEvent[];
  readonly notifications: readonly Notification[];
  request<Method extends keyof RpcRequests>(method: Method, params: RpcRequests[Method]['params']): Promise<RpcRequests[Method]['result']>;
  /** Sends what the contract does not allow. */
  say(method: string, params: unknown): Promise<unknown>;
  /** The first notification that fits, whether it has come already or is still to come. */
  told<Method extends keyof RpcServerNotifications>(
    method: Method,
    fits?: (params: RpcServerNotifications[Method]) => boolean,
  ): Promise<RpcServerNotifications[Method]>;
  event<T extends RunEventType>(type: T, fits?: (event: RunEventOf<T>) => boolean): Promise<RunEventOf<T>>;
}

/** Talks as an editor does. */
export function editorSide(input: Readable, output: Writable): EditorSide {
  const connection = createMessageConnection(input, output);
  const notifications: Notification[] = [];
  const batches: EventBatch[] = [];
  const events: RunEvent[] = [];
  const watchers = new Set<() => void>();
  let closed = false;
  const heard = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  connection.onNotification((method, params) => {
    // The server sends nothing else; each test holds it to what it says.
    const notification = { method, params } as unknown as Notification;
    notifications.push(notification);
    if (notification.method === 'run/events') {
      batches.push(notification.params);
      events.push(...notification.params.events);
    }
    heard();
  });
  connection.onClose(() => {
    closed = true;
    heard();
  });
  connection.onError(() => undefined);
  output.on('error', () => undefined);
  connection.listen();
  const until = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((settle, fail) => {
      const look = (): void => {
        const found = find();
        if (found === undefined && !closed) return;
        watchers.delete(look);
        if (found === undefined) fail(new Error(`The connection closed without ${what}: ${JSON.stringify(notifications.slice(-5))}`));
        else settle(found);
      };
      watchers.add(look);
      look();
    });
  return {
    batches,
    events,
    notifications,
    request: (method, params) => connection.sendRequest(method, params),
    say: (method, params) => connection.sendRequest(method, params),
    told: (method, fits = () => true) =>
      until(() => {
        for (const notification of notifications) {
          if (notification.method !== method) continue;
          const params = notification.params as RpcServerNotifications[typeof method];
          if (fits(params)) return params;
        }
        return undefined;
      }, method),
    event: (type, fits = () => true) => {
      const matches = (event: RunEvent): event is RunEventOf<typeof type> & RunEvent => event.type === type;
      return until(() => events.filter(matches).find((event) => fits(event)), `an event ${type}`);
    },
  };
}

/** A server, started as an editor starts it. */
export interface ServerProcess extends EditorSide {
  readonly child: ChildProcess;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly stderr: () => string;
}

/** Starts `treadle serve --stdio`. */
export function startServer(env: Readonly<Record<string, string>> = {}): ServerProcess {
  const child = spawn(process.execPath, [program, 'serve', '--stdio'], {
    cwd: repository,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((settle) => {
    child.on('close', (code, signal) => settle({ code, signal }));
  });
  return { ...editorSide(child.stdout, child.stdin), child, exit, stderr: () => stderr };
}

/** What every editor says first. */
export function introduction(cwd: string): InitializeParams {
  return { protocols: [1], client: { name: 'a test', version: '1.0.0' }, cwd };
}
