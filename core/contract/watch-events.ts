/** How the last run of a watch ended; `broken`: the project could not be loaded. */
export type WatchVerdict = 'passed' | 'failed' | 'broken';

/** What a watch tells between the events of its runs. */
export type WatchEventBody =
  | {
      readonly type: 'watch:change';
      /** Relative to the project. */
      readonly files: readonly string[];
      /** Ids of the steps that depend on them; absent when the project is loaded anew because of them. */
      readonly affected?: readonly string[];
    }
  /**
   * A step writes a file in every run, which would start the next: its changes during a run no longer count. With
   * `by: 'other'`, no step seems to write it, and it starts run after run all the same: its changes go on to count, and the
   * steps are those whose services are up.
   */
  | { readonly type: 'watch:loop'; readonly file: string; readonly stepIds: readonly string[]; readonly by?: 'other' }
  /** Something goes wrong between runs; `id` is the step that it concerns, such as one whose service ended. */
  | { readonly type: 'watch:warning'; readonly id?: string; readonly message: string }
  /** Nothing runs until the next change. */
  | { readonly type: 'watch:idle'; readonly verdict: WatchVerdict };

/** One line of `treadle watch --reporter ndjson` that belongs to no run. */
export type WatchEvent = WatchEventBody & {
  /** Version of the event format. */
  readonly v: 1;
  /** Unix time in milliseconds. */
  readonly ts: number;
};

export type WatchEventType = WatchEvent['type'];
