/** Those who asked to be told. */
export class Listeners<Args extends readonly unknown[]> {
  private readonly listeners = new Set<(...args: Args) => void>();

  add(listener: (...args: Args) => void): { dispose(): void } {
    // The same function may be given twice, and each is disposed of on its own.
    const own = (...args: Args): void => listener(...args);
    this.listeners.add(own);
    return { dispose: () => void this.listeners.delete(own) };
  }

  tell(...args: Args): void {
    for (const listener of this.listeners) {
      try {
        listener(...args);
      } catch (thrown) {
        // One projection's mistake must not cost the others their news; it surfaces as an uncaught error.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}
