/** What can be interrupted: a run. */
export interface Interruptible {
  cancel(reason: string): void;
  killNow(): void;
}

type Signal = 'SIGINT' | 'SIGTERM';

/** Package managers pass a Ctrl-C on that the terminal has already delivered: that is one, not two. */
const echoMs = 50;
/** CI services kill what has not ended about 7.5 s after its first signal; reports must be written by then. */
const patienceMs = 5000;

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
  #patience: NodeJS.Timeout | undefined;

  /** @param leave - ends the process at once, for a signal that comes before there is a run */
  constructor(leave: (exitCode: 130 | 143) => void) {
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

  /** From now on, signals go to this run. */
  attach(run: Interruptible): void {
    this.#run = run;
  }

  /** Gives the signals back. */
  release(): void {
    clearTimeout(this.#patience);
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
    clearTimeout(this.#patience);
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
      this.#patience = setTimeout(() => this.#kill(), patienceMs);
      this.#patience.unref();
      this.#run.cancel(`Cancelled by ${signal}.`);
      return;
    }
    if (signal === this.signal && now - this.#firstAt < echoMs) return;
    this.#kill();
  }

  #kill(): void {
    this.#wasKilled = true;
    clearTimeout(this.#patience);
    this.#run?.killNow();
    this.#settleKilled();
  }
}
