/** What a change does while a run is under way: stop it and start again, let it finish first, or nothing. */
export type WhenBusy = 'restart' | 'latest' | 'ignore';

/** Why a run starts. */
export type RunCause =
  { readonly kind: 'first' } | { readonly kind: 'files'; readonly files: readonly string[] } | { readonly kind: 'person' };

/** A run as the loop sees it. */
export interface LoopedRun {
  /** Settles when the run and its teardown are over. */
  readonly over: Promise<unknown>;
  stop(): void;
  /** Ids of the steps that run now. */
  readonly running: () => readonly string[];
}

/** What the loop drives. */
export interface RerunLoopOptions {
  readonly whenBusy: WhenBusy;
  readonly start: (cause: RunCause) => LoopedRun;
  /** Nothing runs, and nothing waits to. */
  readonly onIdle: () => void;
  /** A file that changes in every run that it causes: a step writes it. It is not listened to while something runs. */
  readonly onLoop: (file: string, stepIds: readonly string[]) => void;
}

/** So many runs in a row that a file has caused, and in which it changed again, are a loop. */
const loopLength = 3;

/** Decides when to run: one run at a time, and one more for all that came meanwhile. */
export class RerunLoop {
  private readonly options: RerunLoopOptions;
  private run: LoopedRun | undefined;
  private cause: RunCause = { kind: 'first' };
  private waiting: RunCause | undefined;
  /** How often in a row each file changed in a run that it had caused. */
  private readonly repeats = new Map<string, number>();
  private readonly writtenBySteps = new Set<string>();
  private closed = false;

  constructor(options: RerunLoopOptions) {
    this.options = options;
  }

  get isBusy(): boolean {
    return this.run !== undefined;
  }

  /** A person asks for a run: stops the present one. */
  request(): void {
    this.enqueue({ kind: 'person' });
    if (this.run === undefined) this.next();
    else this.run.stop();
  }

  /** Files have changed. */
  filesChanged(files: readonly string[]): void {
    if (this.run === undefined) {
      // With nothing running it was a person, or something else that is no step.
      this.repeats.clear();
      this.enqueue({ kind: 'files', files });
      return this.next();
    }
    if (this.options.whenBusy === 'ignore') return;
    const counting = files.filter((file) => !this.writtenBySteps.has(file) && !this.isLoop(file));
    if (counting.length === 0) return;
    this.enqueue({ kind: 'files', files: counting });
    if (this.options.whenBusy === 'restart') this.run.stop();
  }

  /** Starts the first run. */
  begin(): void {
    this.enqueue({ kind: 'first' });
    this.next();
  }

  /**
   * Starts no further run; resolves when nothing runs any more.
   *
   * @param run - what becomes of the one that is under way. Default: 'stop'.
   */
  async close(run: 'stop' | 'finish' = 'stop'): Promise<void> {
    this.closed = true;
    this.waiting = undefined;
    if (run === 'stop') this.run?.stop();
    await this.run?.over;
  }

  private enqueue(cause: RunCause): void {
    const { waiting } = this;
    if (waiting?.kind === 'files' && cause.kind === 'files') {
      this.waiting = { kind: 'files', files: [...new Set([...waiting.files, ...cause.files])] };
    } else if (waiting?.kind !== 'person') this.waiting = cause;
  }

  private next(): void {
    const cause = this.waiting;
    if (this.closed || this.run !== undefined) return;
    if (cause === undefined) return this.options.onIdle();
    this.waiting = undefined;
    this.cause = cause;
    const run = this.options.start(cause);
    this.run = run;
    void run.over.finally(() => {
      this.run = undefined;
      this.next();
    });
  }

  private isLoop(file: string): boolean {
    const caused = this.cause.kind === 'files' && this.cause.files.includes(file);
    const count = caused ? (this.repeats.get(file) ?? 0) + 1 : 0;
    this.repeats.set(file, count);
    if (count < loopLength) return false;
    this.writtenBySteps.add(file);
    this.options.onLoop(file, this.run?.running() ?? []);
    return true;
  }
}
