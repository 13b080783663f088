/**
 * Turns single changes into batches. The first change after a pause is handed on at once, so that a save does not wait;
 * what follows is gathered until nothing has changed for a while: a branch switch touches hundreds of files.
 */
export class ChangeBatches {
  private readonly quietMs: number;
  private readonly hand: (files: readonly string[]) => void;
  private readonly waiting = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  /** When what waits is handed on even if changes do not stop. */
  private latest = 0;

  /** @param quietMs - how long nothing must have changed, in milliseconds */
  constructor(quietMs: number, hand: (files: readonly string[]) => void) {
    this.quietMs = quietMs;
    this.hand = hand;
  }

  add(file: string): void {
    if (this.timer === undefined) {
      this.latest = 0;
      this.wait();
      this.hand([file]);
      return;
    }
    this.waiting.add(file);
    const now = performance.now();
    if (this.latest === 0) this.latest = now + 10 * this.quietMs;
    if (now < this.latest) this.wait();
  }

  close(): void {
    clearTimeout(this.timer);
    this.waiting.clear();
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.latest = 0;
      const files = [...this.waiting];
      this.waiting.clear();
      if (files.length > 0) this.hand(files);
    }, this.quietMs);
  }
}
