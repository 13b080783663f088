/** First in, first out; both ends at no cost, however long it is. */
export class Queue<T> {
  private items: T[] = [];
  private from = 0;

  get isEmpty(): boolean {
    return this.from === this.items.length;
  }

  add(item: T): void {
    this.items.push(item);
  }

  /** The oldest item; `undefined` when there is none. */
  take(): T | undefined {
    if (this.isEmpty) return undefined;
    const item = this.items[this.from];
    this.from += 1;
    if (this.isEmpty) {
      this.items = [];
      this.from = 0;
    }
    return item;
  }
}
