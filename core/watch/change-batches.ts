/** A save is often more than one change, within about a millisecond: the file is emptied, then written. */
const saveMs = 2;
/** How long the first changes after a pause are gathered at most. */
const longestSaveMs = 20;

export interface ChangeBatchesOptions {
  /** How long nothing must have changed before a later batch is handed on, in milliseconds. */
  readonly quietMs: number;
  /** Whether many more changes are known to come: nothing is handed on until then. */
  readonly isMoreToCome: () => boolean;
  /** Whether a file looks as if somebody had just begun to write it. */
  readonly isUnfinished: (file: string) => boolean;
  readonly hand: (files: readonly string[]) => void;
}

/**
 * Turns single changes into batches. The first change after a pause is handed on at once, so that a save does not wait;
 * what follows is gathered until nothing has changed for a while.
 */
export class ChangeBatches {
  private readonly options: ChangeBatchesOptions;
  private readonly waiting = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private phase: 'still' | 'first' | 'later' = 'still';
  /** When what waits is handed on even if changes do not stop. */
  private latest = Number.POSITIVE_INFINITY;

  constructor(options: ChangeBatchesOptions) {
    this.options = options;
  }

  add(file: string): void {
    this.waiting.add(file);
    const now = performance.now();
    if (this.phase === 'still') {
      this.phase = 'first';
      this.latest = now + longestSaveMs;
    } else if (this.latest === Number.POSITIVE_INFINITY) this.latest = now + 10 * this.options.quietMs;
    if (now < this.latest) this.wait();
  }

  close(): void {
    clearTimeout(this.timer);
    this.waiting.clear();
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.expire(), this.phase === 'first' ? saveMs : this.options.quietMs);
  }

  private expire(): void {
    if (this.waiting.size > 0 && this.options.isMoreToCome()) {
      this.phase = 'later';
      return this.wait();
    }
    if (this.phase === 'first' && performance.now() < this.latest && [...this.waiting].some(this.options.isUnfinished)) return this.wait();
    const files = [...this.waiting];
    this.waiting.clear();
    this.latest = Number.POSITIVE_INFINITY;
    this.phase = files.length > 0 ? 'later' : 'still';
    if (files.length === 0) return;
    this.wait();
    this.options.hand(files);
  }
}
