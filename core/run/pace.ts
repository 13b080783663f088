import { Queue } from './queue.ts';

/** So long one turn of the event loop may go on beginning things, in milliseconds. */
const turnMs = 8;
/** A row that takes less is followed by a longer one, as rows share what is done once before the code of their steps runs. */
const shortMs = 1;
const longestRow = 32;

/**
 * Begins a row of things at a time, each once the code of those before has gone as far as it could, and lets the event
 * loop go round every few milliseconds. So thousands of steps that may all begin now do not keep the process from signals,
 * time limits and editors, and those that end at once leave before the next ones need their memory.
 */
export class Pace {
  private readonly waiting = new Queue<() => void>();
  private row = 1;
  private rowBegan = 0;
  /** When this turn has begun enough; 0 before it has begun anything. */
  private until = 0;
  private isBusy = false;

  /** Begins it now, or when its turn comes. */
  add(begin: () => void): void {
    this.waiting.add(begin);
    if (this.isBusy) return;
    this.isBusy = true;
    if (this.until === 0) this.goOn();
    // Threads answer so fast that one turn may hear of the ends of a thousand steps.
    else if (performance.now() < this.until) this.next();
    else setImmediate(this.goOn);
  }

  private readonly goOn = (): void => {
    this.until = performance.now() + turnMs;
    setImmediate(this.endTurn);
    this.next();
  };

  private readonly endTurn = (): void => {
    this.until = 0;
  };

  private readonly next = (): void => {
    if (this.waiting.isEmpty) {
      this.isBusy = false;
      this.row = 1;
      return;
    }
    this.rowBegan = performance.now();
    for (let begun = 0; begun < this.row; begun += 1) this.waiting.take()?.();
    queueMicrotask(this.afterMicrotasks);
  };

  /** Ticks come when no microtask is left. */
  private readonly afterMicrotasks = (): void => {
    process.nextTick(this.afterRow);
  };

  private readonly afterRow = (): void => {
    const now = performance.now();
    this.row = now - this.rowBegan < shortMs ? Math.min(longestRow, this.row * 2) : Math.ceil(this.row / 2);
    if (now < this.until) this.next();
    else setImmediate(this.goOn);
  };
}
