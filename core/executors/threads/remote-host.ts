import type { MessagePort } from 'node:worker_threads';
import { serializeError } from '../../context/errors.ts';
import type { ExecListener, Outcome, StepHost } from '../../contract/executor.ts';
import { type Board, messageSent, storePercent } from './board.ts';
import type { AttemptEnd, AttemptReport, ExecCommand } from './protocol.ts';

/** A step may put something else in its place. */
const setLater = setTimeout;
/** How long a message waits for a better one, in milliseconds. */
const laterMs = 50;

/** A step's host as seen from its thread: everything goes over the thread's port, percentages over its board. */
export class RemoteHost implements StepHost {
  percent = 0;
  /** The latest progress message that has not been sent yet. */
  unsentMessage: string | undefined;
  private sendsLater = false;
  /** After its end, the board belongs to the next attempt. */
  private ended = false;
  private lastMessage: string | undefined;
  private calls = 0;
  private readonly listeners = new Map<number, ExecListener>();
  private readonly port: MessagePort;
  private readonly board: Board;
  private readonly task: number;

  constructor(port: MessagePort, board: Board, task: number) {
    this.port = port;
    this.board = board;
    this.task = task;
  }

  /** Whether the step has reported no progress. */
  private get isSilent(): boolean {
    return this.percent === 0 && this.unsentMessage === undefined;
  }

  post(body: AttemptReport | AttemptEnd): void {
    this.port.postMessage({ ...body, task: this.task });
  }

  /** Says how the attempt ended, with the latest progress; `undefined`: passed, and there is nothing to say. */
  end(outcome: Outcome | undefined): void {
    this.ended = true;
    if (outcome === undefined && this.isSilent) return this.port.postMessage(this.task);
    this.post({
      type: 'outcome',
      outcome: outcome ?? { status: 'passed', patch: { changes: new Map(), reads: [] } },
      percent: this.percent,
      ...(this.unsentMessage === undefined ? {} : { message: this.unsentMessage }),
    });
  }

  progress(percent: number, message?: string): void {
    if (this.ended) return;
    this.percent = percent;
    if (message !== undefined && message !== this.lastMessage) this.unsentMessage = this.lastMessage = message;
    const wanted = storePercent(this.board, percent);
    if (this.unsentMessage === undefined) return;
    if (wanted) this.sendMessage(this.unsentMessage);
    else if (!this.sendsLater) {
      this.sendsLater = true;
      // A step that says what it waits for says nothing else for a while.
      setLater(() => {
        this.sendsLater = false;
        if (!this.ended && this.unsentMessage !== undefined) this.sendMessage(this.unsentMessage);
      }, laterMs).unref();
    }
  }

  private sendMessage(message: string): void {
    messageSent(this.board);
    this.unsentMessage = undefined;
    this.post({ type: 'progress', percent: this.percent, message });
  }

  output(stream: 'stdout' | 'stderr', text: string): void {
    this.post({ type: 'output', stream, text });
  }

  test(result: Parameters<StepHost['test']>[0]): void {
    this.post({ type: 'test', result });
  }

  diagnostic(problem: Parameters<StepHost['diagnostic']>[0]): void {
    this.post({ type: 'diagnostic', problem });
  }

  warning(message: string): void {
    this.post({ type: 'warning', message });
  }

  attach(name: string, content: string | Uint8Array): void {
    this.post({ type: 'attach', name, content });
  }

  exec(...[request, listener]: Parameters<StepHost['exec']>): () => void {
    const call = (this.calls += 1);
    this.listeners.set(call, listener);
    try {
      this.post({ type: 'exec', call, request });
    } catch (thrown) {
      this.listeners.delete(call);
      listener.error(serializeError(thrown));
    }
    return () => this.post({ type: 'exec-stop', call });
  }

  /** Takes what the main thread says about a command. */
  onCommand(command: ExecCommand): void {
    const listener = this.listeners.get(command.call);
    if (listener === undefined) return;
    if (command.type === 'exec-started') listener.started(command.pid);
    else if (command.type === 'exec-line') listener.line(command.line, command.stream);
    else {
      this.listeners.delete(command.call);
      if (command.type === 'exec-exit') listener.exit(command.result);
      else listener.error(command.error);
    }
  }
}
