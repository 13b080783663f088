import { Queue } from './queue.ts';

/** So many begin together, and share what is done once before the code of steps runs. */
const together = 8;
/** So long one turn of the event loop may go on beginning things, in milliseconds. */
const turnMs = 8;

/**
 * Begins a few things at a time, each once the code of those before has gone as far as it could, and lets the event loop
 * go round every few milliseconds. So thousands of steps that may all begin now do not keep the process from
 * signals, time limits and editors, and those that end at once leave before the next ones need their memory.
 */
export class Pace {
  private readonly waiting = new Queue<() => void>();
  private until = 0;
  private isBusy = false;

  /** Begins it now, or when its turn comes. */
  add(begin: () => void): void {
    this.waiting.add(begin);
    if (this.isBusy) return;
    this.isBusy = true;
    this.goOn(performance.now() + turnMs);
  }

  private goOn(until: number): void {
    this.until = until;
    this.next();
  }

  private readonly next = (): void => {
    if (this.waiting.isEmpty) {
      this.isBusy = false;
      return;
    }
    for (let begun = 0; begun < together; begun += 1) this.waiting.take()?.();
    queueMicrotask(this.afterMicrotasks);
  };

  /** Ticks come when no microtask is left. */
  private readonly afterMicrotasks = (): void => {
    if (performance.now() < this.until) process.nextTick(this.next);
    else setImmediate(() => this.goOn(performance.now() + turnMs));
  };
}
