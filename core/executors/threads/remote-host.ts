import type { MessagePort } from 'node:worker_threads';
import { serializeError } from '../../context/errors.ts';
import type { ExecListener, StepHost } from '../../contract/executor.ts';
import { type Board, messageSent, storePercent } from './board.ts';
import type { LaneCommand, LaneMessage } from './protocol.ts';

type Body = LaneMessage extends infer Message ? (Message extends LaneMessage ? Omit<Message, 'task'> : never) : never;

/** A step's host as seen from its thread: everything goes over the lane, percentages over the board. */
export class RemoteHost implements StepHost {
  /** Messages sent so far. */
  posted = 0;
  percent = 0;
  /** The latest progress message that has not been sent yet. */
  unsentMessage: string | undefined;
  private lastMessage: string | undefined;
  private calls = 0;
  private readonly listeners = new Map<number, ExecListener>();
  private readonly lane: MessagePort;
  private readonly board: Board;
  private readonly task: number;
  private readonly slot: number;

  constructor(lane: MessagePort, board: Board, task: number, slot: number) {
    this.lane = lane;
    this.board = board;
    this.task = task;
    this.slot = slot;
  }

  /** Whether the step has reported no progress. */
  get isSilent(): boolean {
    return this.percent === 0 && this.unsentMessage === undefined;
  }

  post(body: Body): void {
    this.posted += 1;
    this.lane.postMessage({ ...body, task: this.task });
  }

  progress(percent: number, message?: string): void {
    this.percent = percent;
    if (message !== undefined && message !== this.lastMessage) this.unsentMessage = this.lastMessage = message;
    const wanted = storePercent(this.board, this.slot, percent);
    if (wanted && this.unsentMessage !== undefined) {
      messageSent(this.board, this.slot);
      this.post({ type: 'progress', percent, message: this.unsentMessage });
      this.unsentMessage = undefined;
    }
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
  onCommand(command: LaneCommand): void {
    if (command.type === 'abort') return;
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
