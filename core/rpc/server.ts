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
import { ActiveRuns } from './active-runs.ts';
import { BrokenProject, ProjectHost } from './project-host.ts';
import { readParams } from './request-schemas.ts';
import { SaveWatch } from './save-watch.ts';

/** Teardown of runs must end even if something cannot be stopped. */
const closeLimitMs = 5000;

/** What a server talks through, and what it tells of itself. */
export interface ServerOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly version: string;
}

/** An editor's engine. */
export interface Server {
  /** Resolves when the editor is gone, or has said `shutdown`, and everything has been stopped. */
  readonly ended: Promise<void>;
  /** Stops all runs and ends. */
  close(): Promise<void>;
}

/** What is there once the editor has introduced itself. */
interface Session {
  readonly project: ProjectHost;
  readonly runs: ActiveRuns;
  readonly watch: SaveWatch;
}

/** Serves one editor over JSON-RPC; see `core/contract/rpc.ts` for what is said. */
export function startServer({ input, output, version }: ServerOptions): Server {
  const connection = createMessageConnection(input, output);
  const ended = Promise.withResolvers<void>();
  let session: Session | undefined;
  let closing: Promise<void> | undefined;

  const notify = <Method extends keyof RpcServerNotifications>(method: Method, params: RpcServerNotifications[Method]): Promise<void> =>
    connection.sendNotification(method, params).catch(() => undefined);

  const open = ({ cwd, configFile }: InitializeParams): Session => {
    const project = new ProjectHost(configFile === undefined ? { cwd } : { cwd, configFile }, (state) => {
      void notify('project/changed', state);
    });
    const runs = new ActiveRuns({
      engine: () => project.current(),
      sendEvents: (batch) => notify('run/events', batch),
      sendEnd: (end) => void notify('run/end', end),
    });
    const watch = new SaveWatch(
      { project, runs },
      {
        announce: (run) => void notify('watch/run', run),
        report: (message) => void notify('log', { level: 'error', message }),
      },
    );
    return { project, runs, watch };
  };

  const initialize = (params: InitializeParams): InitializeResult => {
    if (session !== undefined) throw new TreadleError('E_USAGE', 'The editor has introduced itself already.');
    const protocol = commonProtocol(params, version);
    session = open(params);
    return { protocol, coreVersion: version, nodeVersion: process.versions.node, pid: process.pid, capabilities: { watch: 'saved' } };
  };

  const present = (): Session => {
    if (session === undefined) throw new TreadleError('E_USAGE', 'The first request must be "initialize".');
    return session;
  };

  const stopAll = async (): Promise<void> => {
    if (session === undefined) return;
    const { runs, project, watch } = session;
    watch.set(undefined, false);
    runs.cancel({});
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      runs.killNow();
      limit.resolve();
    }, closeLimitMs);
    await Promise.race([runs.settled().then(() => project.close()), limit.promise]);
    clearTimeout(timer);
  };

  const close = (): Promise<void> =>
    (closing ??= stopAll().finally(() => {
      connection.dispose();
      ended.resolve();
    }));

  answer(connection, 'initialize', (params) => initialize(readParams('initialize', params)));
  answer(connection, 'list', (params) => present().project.list(readParams('list', params).reload));
  answer(connection, 'run', (params) => present().runs.start(readParams('run', params)));
  answer(connection, 'runFailed', (params) => present().runs.startFailed(readParams('runFailed', params)));
  answer(connection, 'cancel', (params) => {
    present().runs.cancel(readParams('cancel', params));
    return null;
  });
  answer(connection, 'setWatch', (params) => {
    const { pipeline, enabled } = readParams('setWatch', params);
    present().watch.set(pipeline, enabled);
    return null;
  });
  answer(connection, 'ping', () => null);
  answer(connection, 'shutdown', async () => {
    await stopAll();
    // Messages are written in turn: when this one is out, so is the answer.
    setImmediate(() => void notify('log', { level: 'info', message: 'The engine ends.' }).then(close));
    return null;
  });
  connection.onNotification('files/saved', (params: unknown) => {
    try {
      present().watch.saved(readParams('files/saved', params).files);
    } catch (thrown) {
      void notify('log', { level: 'warning', message: serializeError(thrown).message });
    }
  });
  connection.onClose(() => void close());
  connection.onError(() => void close());
  input.on('end', () => void close());
  connection.listen();
  return { ended: ended.promise, close };
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
