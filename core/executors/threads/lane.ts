import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { LaneCommand, LaneMessage } from './protocol.ts';

/** The main thread's end of the channel to one worker thread. */
export class Lane {
  /** Id of the thread behind it; 0 until it has said hello. */
  thread = 0;
  /** Ids of the blobs that the thread has seen. */
  readonly known = new Set<number>();
  private readonly port: MessagePort;
  private readonly onMessage: (message: LaneMessage, lane: Lane) => void;

  constructor(port: MessagePort, onMessage: (message: LaneMessage, lane: Lane) => void) {
    this.port = port;
    this.onMessage = onMessage;
    port.on('message', (message: LaneMessage) => this.take(message));
    // Tasks under way keep the process alive, not the channel.
    port.unref();
  }

  send(command: LaneCommand): void {
    this.port.postMessage(command);
  }

  /** Delivers what has been sent but not yet read: before its thread is stopped, so that no output is lost. */
  drain(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.port);
      if (received === undefined) return;
      this.take(received.message);
    }
  }

  close(): void {
    this.port.close();
  }

  private take(message: LaneMessage): void {
    if (message.type === 'hello') this.thread = message.thread;
    this.onMessage(message, this);
  }
}
