/** At most one timer for each node of the plan. */
export class Timers {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  /** @param ms - milliseconds */
  start(id: string, ms: number, due: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(id);
      due();
    }, ms);
    this.timers.set(id, timer);
  }

  clear(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }
}
