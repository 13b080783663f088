/** So many runs in a row that a file starts without a pause are more than a person saves. */
const rowLength = 10;
/** People need longer to look at a run and to change something, in milliseconds. */
const pauseMs = 2000;
/** So many changes in a row that come as regularly as this are a timer's. */
const evenRowLength = 8;
const evenness = 0.1;

interface Row {
  /** When the last run that the file caused began, or ended. */
  since: number;
  /** How many runs in a row it has started without a pause. */
  length: number;
  /** When it changed, for the last of them; one time a run. */
  readonly times: number[];
}

/**
 * Finds out which files start run after run though no step writes them: something else that goes on all the time does,
 * such as a service. Nobody can tell for sure that it is no person; so it is no reason to pass over any change.
 */
export class RestlessFiles {
  private readonly rows = new Map<string, Row>();
  /** When each file changed first since it last caused a run. */
  private readonly changes = new Map<string, number>();
  /** What caused the present or last run. */
  private causes: readonly string[] = [];
  private readonly told = new Set<string>();

  changed(file: string, at: number): void {
    if (!this.changes.has(file)) this.changes.set(file, at);
  }

  /**
   * A run begins that files caused.
   *
   * @returns those that are restless; each once
   */
  runBegins(files: readonly string[], at: number): readonly string[] {
    this.causes = files;
    const found = files.filter((file) => this.isRestless(file, at) && !this.told.has(file));
    for (const file of found) this.told.add(file);
    return found;
  }

  runEnded(at: number): void {
    for (const file of this.causes) {
      const row = this.rows.get(file);
      if (row !== undefined) row.since = at;
    }
  }

  /** Whether a change comes without a pause after the last run that the file caused. */
  goesOn(file: string, at: number): boolean {
    const row = this.rows.get(file);
    return row !== undefined && at - row.since <= pauseMs;
  }

  /** A person changed it. */
  forget(file: string): void {
    this.rows.delete(file);
    this.changes.delete(file);
  }

  /** Nothing that was seen holds any longer. */
  clear(): void {
    this.rows.clear();
    this.changes.clear();
    this.told.clear();
  }

  private isRestless(file: string, at: number): boolean {
    const changedAt = this.changes.get(file) ?? at;
    this.changes.delete(file);
    const row = this.rows.get(file) ?? { since: Number.NEGATIVE_INFINITY, length: 0, times: [] };
    this.rows.set(file, row);
    row.length = changedAt - row.since <= pauseMs ? row.length + 1 : 1;
    row.since = at;
    row.times.push(changedAt);
    if (row.times.length > evenRowLength) row.times.shift();
    return row.length >= rowLength || (row.times.length === evenRowLength && isEven(row.times));
  }
}

function isEven(times: readonly number[]): boolean {
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
  return Math.max(...gaps) - Math.min(...gaps) <= (evenness * ((times.at(-1) ?? 0) - (times[0] ?? 0))) / gaps.length;
}
