/** A file that changes in every run, and in so many runs in a row that it has caused, is written by a step. */
const loopLength = 4;
/** The same for one that does not change in every run: it may be a person who saves again and again. */
const patientLoopLength = 8;

interface Suspect {
  /** How often in a row it changed in a run that it had caused. */
  repeats: number;
  /** In how many of the runs that were not stopped it changed. */
  seenIn: number;
}

/** Finds out which files the steps of runs write that nobody has declared: each of them would start the next run. */
export class WrittenFiles {
  private readonly suspects = new Map<string, Suspect>();
  private readonly written = new Set<string>();
  private finishedRuns = 0;
  private readonly changed = new Set<string>();

  /** Whether a file is known to be written by steps: its changes during a run do not count. */
  has(file: string): boolean {
    return this.written.has(file);
  }

  /**
   * A file changed during a run.
   *
   * @param hasCaused - whether it is among those that caused the run
   * @returns whether that makes it one that steps write
   */
  changedInRun(file: string, hasCaused: boolean): boolean {
    const suspect = this.suspects.get(file) ?? { repeats: 0, seenIn: 0 };
    this.suspects.set(file, suspect);
    if (!this.changed.has(file)) suspect.repeats = hasCaused ? suspect.repeats + 1 : 0;
    this.changed.add(file);
    // A run that ended without it: no step writes it whenever it runs.
    const isAlways = suspect.seenIn === this.finishedRuns;
    if (suspect.repeats < (isAlways ? loopLength : patientLoopLength)) return false;
    this.written.add(file);
    return true;
  }

  /** The next run begins. */
  runBegins(wasStopped: boolean): void {
    if (!wasStopped) {
      this.finishedRuns += 1;
      for (const file of this.changed) {
        const suspect = this.suspects.get(file);
        if (suspect !== undefined) suspect.seenIn += 1;
      }
    }
    this.changed.clear();
  }

  /** A file changed while nothing ran: that was a person, or something else that is no step. */
  changedInPeace(file: string): void {
    this.written.delete(file);
    this.suspects.delete(file);
  }

  /** Nothing that was seen holds any longer: the steps are others. */
  clear(): void {
    this.suspects.clear();
    this.written.clear();
    this.changed.clear();
    this.finishedRuns = 0;
  }
}
