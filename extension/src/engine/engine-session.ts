import { oldestProtocolVersion, protocolVersion, type InitializeParams, type InitializeResult } from '../../../core/contract/rpc.ts';
import type { RpcClientNotifications, RpcRequests } from '../../../core/contract/rpc.ts';
import { EngineConnection, type EngineListener, type Patience } from './engine-connection.ts';
import { EngineRefusal, EngineUnavailable, unavailable } from './engine-error.ts';
import { describeExit, EngineProcess, type EngineCommand } from './engine-process.ts';

/** What it takes to start an engine and to talk to it. */
export interface SessionOptions {
  readonly command: EngineCommand;
  readonly client: InitializeParams['client'];
  readonly cwd: string;
  readonly configFile: string;
  /** Of the package that is started, for messages. */
  readonly coreVersion: string;
  readonly listener: EngineListener;
  /** What the engine writes to standard error, and what is wrong with the conversation. */
  readonly report: (text: string) => void;
  /** Absent while a person steps through the engine: it stands still then. */
  readonly patience: Patience | undefined;
  /** For the first answer, in milliseconds. */
  readonly startLimitMs: number;
}

/** All versions of the contract that this extension speaks. */
const spoken = Array.from({ length: protocolVersion - oldestProtocolVersion + 1 }, (_, index) => oldestProtocolVersion + index);

/** One engine from its start to its end: a process and the conversation with it. */
export class EngineSession {
  readonly pid: number | undefined;
  /** Resolves, with the reason, when the engine is gone. */
  readonly ended: Promise<string>;
  private readonly options: SessionOptions;
  private readonly process: EngineProcess;
  private readonly connection: EngineConnection;
  private info: InitializeResult | undefined;

  /** Starts the process; {@link initialize} comes next. */
  constructor(options: SessionOptions) {
    const { command, listener, report } = options;
    this.options = options;
    this.process = new EngineProcess(command, report);
    this.pid = this.process.pid;
    this.connection = new EngineConnection(this.process.output, this.process.input, listener, report);
    this.ended = this.end();
  }

  get initialized(): InitializeResult {
    if (this.info === undefined) throw new Error('The engine has not been initialised.');
    return this.info;
  }

  /** Agrees on a version. Rejects with an {@link EngineUnavailable}; the process has ended then. */
  async initialize(): Promise<void> {
    const { client, cwd, configFile, startLimitMs, coreVersion, patience } = this.options;
    const timer = setTimeout(
      () => this.connection.close(`The engine did not answer within ${Math.round(startLimitMs / 1000)} s of its start.`),
      startLimitMs,
    );
    try {
      const info = await this.connection.request('initialize', { protocols: spoken, client, cwd, configFile });
      if (!spoken.includes(info.protocol)) {
        throw new EngineRefusal({ code: 'E_USAGE', name: 'Error', message: `It speaks version ${info.protocol} of the protocol.` });
      }
      this.info = info;
      if (patience !== undefined) this.connection.watch(patience);
    } catch (thrown) {
      // Its process ends with the conversation; a reason that came before stays.
      this.connection.close('The engine was given up.');
      const reason = await this.ended;
      throw thrown instanceof EngineRefusal ? differentVersions(coreVersion, thrown) : unavailable(reason);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rejects with an `EngineRefusal`, or an {@link EngineUnavailable} that says how the engine ended. */
  async request<Method extends keyof RpcRequests>(
    method: Method,
    params: RpcRequests[Method]['params'],
  ): Promise<RpcRequests[Method]['result']> {
    try {
      return await this.connection.request(method, params);
    } catch (thrown) {
      if (!(thrown instanceof EngineUnavailable)) throw thrown;
      throw unavailable(await this.ended);
    }
  }

  notify<Method extends keyof RpcClientNotifications>(method: Method, params: RpcClientNotifications[Method]): void {
    this.connection.notify(method, params);
  }

  /** Ends it in order: runs are cancelled and torn down. Kills what is left after the grace. */
  async shutdown(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.process.kill(), graceMs);
    await this.connection.request('shutdown', null).catch(() => undefined);
    await this.process.end(graceMs);
    clearTimeout(timer);
    await this.ended;
  }

  kill(): void {
    this.process.kill();
  }

  /** Whichever goes first, the process or the conversation, takes the other along. */
  private async end(): Promise<string> {
    const exited = this.process.exit.then((exit) => {
      this.connection.close(describeExit(exit));
    });
    const reason = await this.connection.closed;
    // Standard output closes just before the process ends: its exit says more.
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      this.process.kill();
    }, 500);
    const exit = await this.process.exit;
    clearTimeout(timer);
    await exited;
    return killed ? reason : describeExit(exit);
  }
}

function differentVersions(coreVersion: string, { error }: EngineRefusal): EngineUnavailable {
  const message = `Treadle ${coreVersion} and this extension do not understand each other: ${error.message} ${error.hint ?? 'Update the older of them.'}`;
  return new EngineUnavailable({ kind: 'version', coreVersion, message }, message);
}
