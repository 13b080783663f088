import { RestlessFiles } from './restless-files.ts';
import { WrittenFiles } from './written-files.ts';

/** What a change does while a run is under way: stop it and start again, let it finish first, or nothing. */
export type WhenBusy = 'restart' | 'latest' | 'ignore';

/** Why a run starts. */
export type RunCause =
  { readonly kind: 'first' } | { readonly kind: 'files'; readonly files: readonly string[] } | { readonly kind: 'person' };

/** A run as the loop sees it. */
export interface LoopedRun {
  /** Settles when the run and its teardown are over. */
  readonly over: Promise<unknown>;
  /** @param cause - what the next run is for; absent when there is none */
  stop(cause?: RunCause): void;
  /** A person wants nothing to run: it does not begin where it has not yet. */
  forget?(): void;
  /** More files have changed: true where it has not begun yet, and will see them. */
  takes?(files: readonly string[]): boolean;
  /** Ids of the steps that run now, or ran last. */
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
  /** Files that start run after run, whatever runs: no step seems to write them. Each is told of once, and goes on to count. */
  readonly onRestless: (files: readonly string[]) => void;
  /** When a file was changed, in milliseconds since 1970; `undefined` when that cannot be told. */
  readonly changedAt?: (file: string) => number | undefined;
  /** The time, in milliseconds since 1970. Default: the system's. */
  readonly now?: () => number;
}

/** Decides when to run: one run at a time, and one more for all that came meanwhile. */
export class RerunLoop {
  private readonly options: RerunLoopOptions;
  private run: LoopedRun | undefined;
  private last: LoopedRun | undefined;
  private begunAt = 0;
  private endedAt = 0;
  private wasStopped = true;
  private cause: RunCause = { kind: 'first' };
  private waiting: RunCause | undefined;
  private readonly written = new WrittenFiles();
  private readonly restless = new RestlessFiles();
  /** Files that a loop was told of: once, for as long as they change without a pause. */
  private readonly toldLoops = new Set<string>();
  private closed = false;

  constructor(options: RerunLoopOptions) {
    this.options = options;
  }

  get isBusy(): boolean {
    return this.run !== undefined;
  }

  /** When the run began that is under way; Unix time in milliseconds. */
  get startedAt(): number | undefined {
    return this.run === undefined ? undefined : this.begunAt;
  }

  /** A person asks for a run: stops the present one. */
  request(): void {
    this.enqueue({ kind: 'person' });
    if (this.run === undefined) this.next();
    else this.stop();
  }

  /** Files have changed. */
  filesChanged(files: readonly string[]): void {
    for (const file of files) this.restless.changed(file, this.now());
    if (this.run === undefined) {
      const counting = files.filter((file) => this.countsInPeace(file));
      if (counting.length === 0) return;
      this.enqueue({ kind: 'files', files: counting });
      return this.next();
    }
    if (this.options.whenBusy === 'ignore') return;
    const counting = files.filter((file) => this.countsInRun(file));
    if (counting.length === 0 || this.run.takes?.(counting) === true) return;
    this.enqueue({ kind: 'files', files: counting });
    if (this.options.whenBusy === 'restart') this.stop();
  }

  /** The steps are others from now on. */
  stepsChanged(): void {
    this.written.clear();
    this.restless.clear();
    this.toldLoops.clear();
  }

  /** A person has saved files: whatever they did before, they are in no loop. What was passed over as such counts now. */
  savedByPerson(files: readonly string[]): void {
    const passedOver = files.filter((file) => this.written.has(file));
    for (const file of files) {
      this.written.changedInPeace(file);
      this.restless.forget(file);
      this.toldLoops.delete(file);
    }
    if (passedOver.length > 0) this.filesChanged(passedOver);
  }

  /** A person has stopped what runs: what was to run after it does not either. */
  forget(): void {
    this.waiting = undefined;
    this.run?.forget?.();
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

  private stop(): void {
    this.wasStopped = true;
    this.run?.stop(this.waiting);
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
    this.written.runBegins(this.wasStopped);
    this.wasStopped = false;
    this.cause = cause;
    this.begunAt = this.now();
    const run = this.options.start(cause);
    this.run = run;
    this.last = run;
    const restless = this.restless.runBegins(cause.kind === 'files' ? cause.files : [], this.begunAt);
    void run.over.finally(() => {
      this.run = undefined;
      this.endedAt = this.now();
      this.restless.runEnded(this.endedAt);
      if (restless.length > 0 && !this.closed) this.options.onRestless(restless);
      this.next();
    });
  }

  private now(): number {
    return this.options.now?.() ?? Date.now();
  }

  /** What a step wrote at its end may be told of when its run is over. */
  private countsInPeace(file: string): boolean {
    const at = this.options.changedAt?.(file);
    if (at !== undefined && at <= this.endedAt) return this.countsInRun(file);
    this.written.changedInPeace(file);
    if (!this.restless.goesOn(file, this.now())) this.toldLoops.delete(file);
    return true;
  }

  private countsInRun(file: string): boolean {
    if (this.written.has(file)) return false;
    const hasCaused = this.cause.kind === 'files' && this.cause.files.includes(file);
    if (!this.written.changedInRun(file, hasCaused)) return true;
    if (!this.toldLoops.has(file)) this.options.onLoop(file, this.last?.running() ?? []);
    this.toldLoops.add(file);
    return false;
  }
}
