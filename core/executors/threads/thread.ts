import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Tinypool } from 'tinypool';
import { type Board, createBoard, resetBoard } from './board.ts';
import type { AttemptMessage, AttemptNews, Lease, ThreadCommand, ThreadMessage } from './protocol.ts';
import { heardNews, stayAwake } from './stay-awake.ts';

/** What a thread tells its owner. */
export interface ThreadListener {
  onNews(thread: Thread, news: AttemptNews): void;
  /** It has started, and its id is known. */
  onHello(thread: Thread): void;
  /** The task ended: passed, and there is nothing to say about it. */
  onNothing(thread: Thread, task: number): void;
  /** It is gone, and nobody asked it to go. */
  onFailure(thread: Thread, thrown: unknown): void;
}

/** A thread of the pool, on lease for as long as there is work. */
export class Thread {
  /** Node's id of the thread; 0 until it has started. */
  id = 0;
  readonly board: Board = createBoard();
  /** Heap limit of its pool, in MiB. */
  readonly memoryLimitMb: number | undefined;
  /** Ids of the blobs that it was sent. */
  readonly known = new Set<number>();
  /** Ended, terminated or lost: not to be used again. */
  gone = false;
  private readonly port: MessagePort;
  private readonly controller = new AbortController();
  private readonly listener: ThreadListener;

  constructor(pool: Tinypool, memoryLimitMb: number | undefined, listener: ThreadListener) {
    this.memoryLimitMb = memoryLimitMb;
    this.listener = listener;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.on('message', (message: ThreadMessage) => this.take(message));
    // The pool's task keeps the process alive, not the channel.
    port1.unref();
    const lease: Lease = { port: port2, board: this.board };
    pool.run(lease, { signal: this.controller.signal, transferList: [port2] }).then(
      () => this.close(),
      (thrown: unknown) => this.lost(thrown),
    );
  }

  run(message: AttemptMessage): void {
    resetBoard(this.board);
    this.send({ type: 'run', ...message });
    stayAwake();
  }

  send(command: ThreadCommand): void {
    this.port.postMessage(command);
  }

  /** Gives the thread back to the pool, which keeps it warm for a while. */
  end(): void {
    this.gone = true;
    this.send({ type: 'end' });
  }

  /** Stops it, whatever it does. What it sent before is still delivered. */
  terminate(): void {
    if (this.gone) return;
    this.gone = true;
    this.hear();
    this.controller.abort();
  }

  /** It exited, or failed. */
  lost(thrown: unknown): void {
    if (this.gone) return this.close();
    this.gone = true;
    this.hear();
    this.close();
    this.listener.onFailure(this, thrown);
    this.controller.abort();
  }

  private close(): void {
    this.gone = true;
    this.port.close();
  }

  /** Delivers what has been sent but not yet read, so that no output is lost. */
  hear(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.port);
      if (received === undefined) return;
      this.take(received.message);
    }
  }

  private take(message: ThreadMessage): void {
    heardNews();
    if (typeof message === 'number') this.listener.onNothing(this, message);
    else if (message.type === 'hello') {
      this.id = message.thread;
      this.listener.onHello(this);
    } else this.listener.onNews(this, message);
  }
}
