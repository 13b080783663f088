/** What a row shows. */
export interface Appearance {
  /** Whether rows stand below it: then the editor draws all of them anew with it. */
  readonly isBranch: boolean;
  /** State, buttons, rows below: what has to be right at once. */
  readonly shape: string;
  /** Percent, message, elapsed time: what only has to be right soon. */
  readonly text: string;
}

/** Knows which rows show something that is no longer so. */
export interface Staleness {
  /** Keeps what a row shows now. */
  shown(key: string, appearance: Appearance): void;
  /** The keys whose rows are to be refreshed now. */
  select(keys: Iterable<string>, appearanceOf: (key: string) => Appearance): string[];
  /** Rows that wait for their time, to be asked about again. */
  readonly waiting: ReadonlySet<string>;
  /** Somebody reads what a row says when it is pointed at: that goes when the row is drawn anew. */
  read(): void;
  /** All rows are to be drawn anew. */
  clear(): void;
}

/**
 * How often the text of rows is brought up to date, in milliseconds. A row that is drawn anew gets new buttons, and a click whose press
 * and release meet different ones is lost. So all rows wait for the same moment, and branches, with which all below them is drawn anew,
 * for every second one.
 */
const textPause = 1000;
const branchPause = 2 * textPause;
/** So long texts wait while somebody reads a tooltip, in milliseconds: enough for two lines. */
const readingPause = 4000;

export function createStaleness(now: () => number): Staleness {
  const rows = new Map<string, Appearance>();
  const waiting = new Set<string>();
  let textAt = Number.NEGATIVE_INFINITY;
  let branchesAt = Number.NEGATIVE_INFINITY;
  return {
    waiting,
    shown: (key, appearance) => void rows.set(key, appearance),
    select(keys, appearanceOf) {
      const selected: string[] = [];
      const isTextDue = now() - textAt >= textPause;
      const isBranchDue = isTextDue && now() - branchesAt >= branchPause;
      for (const key of isTextDue ? new Set([...keys, ...waiting]) : keys) {
        waiting.delete(key);
        const row = rows.get(key);
        // A row that the editor has never asked for need not be refreshed: it is folded away.
        if (row === undefined) continue;
        const { isBranch, shape, text } = appearanceOf(key);
        if (row.shape !== shape) selected.push(key);
        else if (row.text !== text && !(isBranch ? isBranchDue : isTextDue)) waiting.add(key);
        else if (row.text !== text) {
          selected.push(key);
          textAt = now();
          if (isBranch) branchesAt = now();
        }
      }
      return selected;
    },
    read: () => {
      textAt = now() + readingPause - textPause;
    },
    clear() {
      rows.clear();
      waiting.clear();
    },
  };
}
