import type { Readable, Writable } from 'node:stream';
import { createMessageConnection, ResponseError, type MessageConnection } from 'vscode-jsonrpc/node';
import { serializeError } from '../context/errors.ts';
import { TreadleError, type SerializedError } from '../contract/errors.ts';
import {
  oldestProtocolVersion,
  protocolVersion,
  treadleErrorCode,
  type InitializeParams,
  type InitializeResult,
  type RpcRequests,
  type RpcServerNotifications,
} from '../contract/rpc.ts';
import { keptRuns } from './kept-runs.ts';
import { BrokenProject } from './project-host.ts';
import { readParams, readSavedFiles } from './request-schemas.ts';
import { openSession, stopSession, type Session } from './session.ts';

/** What a server talks through, and what it tells of itself. */
export interface ServerOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly version: string;
}

/** How a server ended. */
export interface ServerEnd {
  /** Whether everything could be stopped; what could not may keep the process from ending. */
  readonly clean: boolean;
  /** What is wrong with what came in, where that is why it ended. */
  readonly misunderstanding?: string;
}

/** An editor's engine. */
export interface Server {
  /** Resolves when the editor is gone, or has said `shutdown`, and everything has been stopped. */
  readonly ended: Promise<ServerEnd>;
  /** Stops all runs and ends. */
  close(): Promise<void>;
  /** For the editor's log; resolves when it is written, or cannot be. */
  log(level: RpcServerNotifications['log']['level'], message: string): Promise<void>;
}

/** Serves one editor over JSON-RPC; see `core/contract/rpc.ts` for what is said. */
export function startServer({ input, output, version }: ServerOptions): Server {
  const connection = createMessageConnection(input, output);
  const ended = Promise.withResolvers<ServerEnd>();
  let session: Session | undefined;
  let stopping: Promise<boolean> | undefined;

  const notify = async <Method extends keyof RpcServerNotifications>(
    method: Method,
    params: RpcServerNotifications[Method],
  ): Promise<void> => {
    try {
      await connection.sendNotification(method, params);
    } catch {
      // The editor is gone.
    }
  };
  const log: Server['log'] = (level, message) => notify('log', { level, message });

  const initialize = (params: InitializeParams): InitializeResult => {
    if (session !== undefined) throw new TreadleError('E_USAGE', 'The editor has introduced itself already.');
    const protocol = commonProtocol(params, version);
    session = openSession(params, { notify, log });
    return {
      protocol,
      coreVersion: version,
      nodeVersion: process.versions.node,
      pid: process.pid,
      capabilities: { watch: 'files', history: true },
    };
  };

  const present = (): Session => {
    if (session === undefined) throw new TreadleError('E_USAGE', 'The first request must be "initialize".');
    if (stopping !== undefined) throw new TreadleError('E_CANCELLED', 'The engine is ending.');
    return session;
  };

  const stop = (): Promise<boolean> => (stopping ??= session === undefined ? Promise.resolve(true) : stopSession(session));
  const close = async (misunderstanding?: string): Promise<void> => {
    const clean = await stop();
    connection.dispose();
    ended.resolve({ clean, ...(misunderstanding === undefined ? {} : { misunderstanding }) });
  };

  answer(connection, 'initialize', (params) => initialize(readParams('initialize', params)));
  answer(connection, 'list', (params) => present().project.list(readParams('list', params).reload));
  answer(connection, 'run', (params) => present().runs.start(readParams('run', params)));
  answer(connection, 'runFailed', (params) => present().runs.startFailed(readParams('runFailed', params)));
  answer(connection, 'history', (params) => keptRuns(present().project.root, readParams('history', params)));
  answer(connection, 'cancel', (params) => {
    present().runs.cancel(readParams('cancel', params));
    return null;
  });
  answer(connection, 'setWatch', async (params) => {
    await present().watch.set(readParams('setWatch', params));
    return null;
  });
  answer(connection, 'ping', () => {
    present();
    return null;
  });
  answer(connection, 'shutdown', async () => {
    present();
    await stop();
    // Messages are written in turn: when this one is out, so is the answer.
    setImmediate(() => void log('info', 'The engine ends.').then(() => close()));
    return null;
  });
  connection.onNotification('files/saved', (params: unknown) => session?.watch.saved(readSavedFiles(params)));
  connection.onClose(() => void close());
  connection.onError(([error, written]) => {
    // Nobody reads any more, or what came in is something else than messages: neither gets better by waiting.
    void close(written === undefined ? error.message : undefined);
  });
  input.on('end', () => void close());
  connection.listen();
  return { ended: ended.promise, close: () => close(), log };
}

function answer<Method extends keyof RpcRequests>(
  connection: MessageConnection,
  method: Method,
  handle: (params: unknown) => RpcRequests[Method]['result'] | Promise<RpcRequests[Method]['result']>,
): void {
  connection.onRequest<unknown, SerializedError>(method, async (params: unknown) => {
    try {
      return await handle(params);
    } catch (thrown) {
      const error = problemOf(thrown);
      return new ResponseError(treadleErrorCode, error.message, error);
    }
  });
}

function problemOf(thrown: unknown): SerializedError {
  if (!(thrown instanceof BrokenProject)) return serializeError(thrown, { code: 'E_INTERNAL' });
  const [first] = thrown.problems;
  if (first === undefined) return serializeError(thrown, { code: 'E_CONFIG_LOAD' });
  return thrown.problems.length === 1 ? first : { ...first, errors: thrown.problems };
}

function commonProtocol({ protocols, client }: InitializeParams, version: string): number {
  const common = protocols.filter((protocol) => protocol >= oldestProtocolVersion && protocol <= protocolVersion);
  if (common.length > 0) return Math.max(...common);
  const newer = protocols.every((protocol) => protocol > protocolVersion);
  const ours = oldestProtocolVersion === protocolVersion ? `${protocolVersion}` : `${oldestProtocolVersion} to ${protocolVersion}`;
  throw new TreadleError(
    'E_USAGE',
    `Treadle ${version} speaks version ${ours} of the protocol, ${client.name} ${client.version} speaks ${protocols.join(', ') || 'none'}.`,
    { hint: newer ? 'Update treadle in this project.' : 'Update the extension.' },
  );
}
