/** What can be interrupted: a run. */
export interface Interruptible {
  cancel(reason: string): void;
  /** Stops what runs in spite of that. */
  halt(reason: string): void;
  killNow(): void;
}

type Signal = 'SIGINT' | 'SIGTERM';

/** Package managers pass a Ctrl-C on that the terminal has already delivered: that is one, not two. */
const echoMs = 50;
/**
 * How long a run may clean up after the first signal, and when it is killed. CI services kill what has not ended about 7.5 s after that;
 * reports must be written by then. A person can press Ctrl-C once more.
 */
const patience = { short: { haltMs: 4000, killMs: 5000 }, long: { haltMs: 30_000, killMs: 35_000 } } as const;

/** The process's signals: the first cancels the run, the second (or impatience) kills it. */
export class Interruption {
  /** The first signal that arrived; SIGHUP counts as SIGTERM. */
  signal: Signal | undefined;
  /** Resolves once the run was killed. */
  readonly killed: Promise<void>;

  readonly #settleKilled: () => void;
  readonly #leave: (exitCode: 130 | 143) => void;
  #run: Interruptible | undefined;
  #wasKilled = false;
  #firstAt = 0;
  #patience: readonly NodeJS.Timeout[] = [];
  #cleansUp = false;
  readonly #ci: boolean;

  /**
   * @param leave - ends the process at once, for a signal that comes before there is a run
   * @param ci - whether nobody sits there who could press Ctrl-C once more
   */
  constructor(leave: (exitCode: 130 | 143) => void, ci: boolean) {
    this.#ci = ci;
    const killed = Promise.withResolvers<void>();
    this.killed = killed.promise;
    this.#settleKilled = killed.resolve;
    this.#leave = leave;
  }

  /** Takes the signals. Not while a project is loaded: one that never stops could not be interrupted any more. */
  listen(): void {
    process.on('SIGINT', this.#onSigint);
    process.on('SIGTERM', this.#onSigterm);
    process.on('SIGHUP', this.#onSigterm);
  }

  /** What to exit with because of the signal, if there was one. */
  get exitCode(): 130 | 143 | undefined {
    if (this.signal === undefined) return undefined;
    return this.signal === 'SIGINT' ? 130 : 143;
  }

  /** Whether the run was killed. */
  get wasKilled(): boolean {
    return this.#wasKilled;
  }

  /**
   * From now on, signals go to this run.
   *
   * @param cleansUp - whether it has steps that run even when it is cancelled
   */
  attach(run: Interruptible, cleansUp: boolean): void {
    this.#run = run;
    this.#cleansUp = cleansUp;
  }

  /** Gives the signals back. */
  release(): void {
    this.#rest();
    process.off('SIGINT', this.#onSigint);
    process.off('SIGTERM', this.#onSigterm);
    process.off('SIGHUP', this.#onSigterm);
  }

  /**
   * Ends the process because of the signal.
   *
   * @param clean - whether all threads have ended: with live ones, `process.exit` can hang, and only the signal itself helps
   */
  end(clean: boolean): void {
    if (this.signal === undefined) return;
    this.#rest();
    if (!clean) {
      this.release();
      process.kill(process.pid, this.signal);
    }
    // Still listening: one more Ctrl-C must not cut off what is done at exit.
    this.#leave(this.signal === 'SIGINT' ? 130 : 143);
  }

  readonly #onSigint = (): void => this.#receive('SIGINT');
  readonly #onSigterm = (): void => this.#receive('SIGTERM');

  #receive(signal: Signal): void {
    const now = performance.now();
    if (this.signal === undefined) {
      this.signal = signal;
      this.#firstAt = now;
      if (this.#run === undefined) return this.#leave(signal === 'SIGINT' ? 130 : 143);
      const { haltMs, killMs } = this.#cleansUp && signal === 'SIGINT' && !this.#ci ? patience.long : patience.short;
      const halt = setTimeout(() => this.#run?.halt(`It did not end within ${haltMs / 1000} s of ${signal}.`), haltMs);
      this.#patience = [halt.unref(), setTimeout(() => this.#kill(), killMs).unref()];
      this.#run.cancel(`Cancelled by ${signal}.`);
      return;
    }
    if (signal === this.signal && now - this.#firstAt < echoMs) return;
    this.#kill();
  }

  #kill(): void {
    this.#wasKilled = true;
    this.#rest();
    this.#run?.killNow();
    this.#settleKilled();
  }
  #rest(): void {
    for (const timer of this.#patience) clearTimeout(timer);
  }
}
