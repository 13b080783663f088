import type { Readable, Writable } from 'node:stream';
import { createMessageConnection, ResponseError, type MessageConnection } from 'vscode-jsonrpc/node';
import type { SerializedError } from '../../../core/contract/errors.ts';
import {
  treadleErrorCode,
  type RpcClientNotifications,
  type RpcRequests,
  type RpcServerNotifications,
} from '../../../core/contract/rpc.ts';
import { EngineRefusal, unavailable } from './engine-error.ts';

/** What the engine says unasked. */
export type EngineListener = { readonly [Method in keyof RpcServerNotifications]: (params: RpcServerNotifications[Method]) => void };

/** When an engine counts as one that does not answer. */
export interface Patience {
  /** Between two heartbeats, in milliseconds. */
  readonly heartbeatMs: number;
  /** So many heartbeats in a row without an answer. A machine that slept has missed one, not many. */
  readonly missed: number;
}

/** The conversation with one engine, typed by the contract. */
export class EngineConnection {
  /** Resolves, with the reason, when nothing can be said or heard any more. */
  readonly closed: Promise<string>;
  private readonly connection: MessageConnection;
  private readonly onClosed = Promise.withResolvers<string>();
  private reason: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(output: Readable, input: Writable, listener: EngineListener, report: (message: string) => void) {
    this.closed = this.onClosed.promise;
    this.connection = createMessageConnection(output, input, { error: report, warn: report, info: report, log: report });
    const hear = <Method extends keyof RpcServerNotifications>(method: Method): void => {
      this.connection.onNotification(method, (params: RpcServerNotifications[Method]) => listener[method](params));
    };
    hear('run/events');
    hear('run/end');
    hear('watch/run');
    hear('watch/loop');
    hear('watch/stop');
    hear('project/changed');
    hear('log');
    this.connection.onClose(() => this.close('The engine has closed the connection.'));
    this.connection.onError(([error]) => this.close(`The engine cannot be understood: ${error.message}`));
    this.connection.listen();
  }

  /** Rejects with an {@link EngineRefusal}, or an {@link EngineUnavailable} when the engine is gone before it answers. */
  async request<Method extends keyof RpcRequests>(
    method: Method,
    params: RpcRequests[Method]['params'],
  ): Promise<RpcRequests[Method]['result']> {
    if (this.reason !== undefined) throw unavailable(this.reason);
    const answer = this.connection.sendRequest<RpcRequests[Method]['result']>(method, params);
    // It is answered, or the connection closes: either may come first, and neither is left unheard.
    const gone = this.closed.then((reason) => {
      throw unavailable(reason);
    });
    try {
      return await Promise.race([answer, gone]);
    } catch (thrown) {
      throw this.reason === undefined ? refusalOf(method, thrown) : unavailable(this.reason);
    }
  }

  /** Says something that is not answered. */
  notify<Method extends keyof RpcClientNotifications>(method: Method, params: RpcClientNotifications[Method]): void {
    if (this.reason !== undefined) return;
    // An engine that is gone is told of elsewhere.
    this.connection.sendNotification(method, params).catch(() => undefined);
  }

  /** Watches that the engine answers at all; closes the connection when it does not. */
  watch({ heartbeatMs, missed }: Patience): void {
    let waiting = 0;
    this.timer = setInterval(() => {
      if (waiting > missed) return this.close(`The engine has not answered for ${Math.round((heartbeatMs * missed) / 1000)} s.`);
      waiting += 1;
      if (waiting > 1) return;
      this.request('ping', null).then(
        () => (waiting = 0),
        () => undefined,
      );
    }, heartbeatMs);
    this.timer.unref();
  }

  close(reason: string): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    clearInterval(this.timer);
    this.onClosed.resolve(reason);
    this.connection.dispose();
  }
}

function refusalOf(method: string, thrown: unknown): Error {
  if (thrown instanceof ResponseError) {
    const data: unknown = thrown.data;
    if (thrown.code === treadleErrorCode && isSerializedError(data)) return new EngineRefusal(data);
    return new EngineRefusal({ code: 'E_INTERNAL', name: 'Error', message: `The engine failed to answer "${method}": ${thrown.message}` });
  }
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function isSerializedError(value: unknown): value is SerializedError {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value && typeof value.message === 'string';
}
