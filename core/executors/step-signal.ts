/**
 * The signal of one attempt, made when the step asks for it: most never do, and a signal costs about as much as all else
 * that an empty step needs.
 */
export class StepSignal {
  private controller: AbortController | undefined;
  private cause: { readonly reason: unknown } | undefined;

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.cause !== undefined) this.controller.abort(this.cause.reason);
    }
    return this.controller.signal;
  }

  /** The first reason counts. */
  abort(reason: unknown): void {
    this.cause ??= { reason };
    this.controller?.abort(reason);
  }

  throwIfAborted(): void {
    if (this.cause !== undefined) throw this.cause.reason;
  }
}
