import type { Table, Target } from './measure.ts';
import { number } from './report.ts';

/** What is measured beside the tables. */
export interface Extras {
  /** A group beside a value of 10 MB, against the same on an empty context. */
  readonly beside?: number;
  /** How much longer a step takes that reports its progress all the time: 0.01 is one percent. */
  readonly progressExtra?: number;
  readonly wakesPerSecond?: number;
  /** From the end of a time limit and its grace to that of the group, the slowest of all rounds. */
  readonly stopLateMs?: number;
  readonly stepsExponent?: number;
  /** Heap that a run keeps for each of its steps. */
  readonly bytesPerStep?: number;
  /** Processes of steps that looped, after their runs. */
  readonly stopLeft?: number;
}

/** The targets that can be told from these tables. */
export function targetsOf(tables: readonly Table[], extras: Extras): Target[] {
  const median = (id: string, row: string, column = 0): number | undefined =>
    tables.find((table) => table.id === id)?.rows.find(({ name }) => name === row)?.cells[column]?.median;
  const targets: Target[] = [];
  const add = (what: string, value: number | undefined, target: string, met: (value: number) => boolean, unit = '×'): void => {
    if (value !== undefined && Number.isFinite(value))
      targets.push({ what, measured: `${unit === '' && Number.isInteger(value) ? value : number(value)}${unit}`, target, met: met(value) });
  };
  const ratio = (above: number | undefined, below: number | undefined): number | undefined =>
    above === undefined || below === undefined ? undefined : above / below;
  const atMost =
    (limit: number) =>
    (value: number): boolean =>
      value <= limit;
  const atLeast =
    (limit: number) =>
    (value: number): boolean =>
      value >= limit;

  add(
    'a step on a warm thread, against a bare tinypool round trip',
    ratio(median('round-trip', 'treadle'), median('round-trip', 'tinypool')),
    '≤ 1.3×',
    atMost(1.3),
  );
  add('8 steps beside a key of 10 MB, against an empty context', extras.beside, '≤ 1.5×', atMost(1.5));
  const clone = median('contexts', 'clone to and from each', 2);
  add(
    '8 steps beside a key of 10 MB, faster than cloning by',
    ratio(clone, median('contexts', 'treadle, steps beside it', 2)),
    '≥ 100×',
    atLeast(100),
  );
  add(
    '8 steps that read a key of 10 MB, faster than cloning by',
    ratio(clone, median('contexts', 'treadle, all read it', 2)),
    '≥ 5×',
    atLeast(5),
  );
  const noOp = median('shell-1-8-1', 'treadle');
  add('1 → 8 → 1 shell steps, against a bare Node script', ratio(noOp, median('shell-1-8-1', 'bare Node script')), '≤ 1.5×', atMost(1.5));
  const rivals = ['wireit', 'turbo', 'nx', 'npm-run-all2', 'concurrently', 'listr2 + execa'].map((name) => median('shell-1-8-1', name));
  const fastest = Math.min(...rivals.filter((value) => value !== undefined));
  add(
    '1 → 8 → 1 shell steps, against the fastest of wireit, turbo, nx, npm-run-all2, concurrently, listr2',
    ratio(noOp, fastest),
    '< 1×',
    (value) => value < 1,
  );
  const bare = median('cold-start', 'node -e 0');
  add('`treadle --version`, against `node -e 0`', ratio(median('cold-start', 'treadle --version'), bare), '≤ 1.3×', atMost(1.3));
  const list = median('cold-start', 'treadle list');
  add(
    '`treadle list`, longer than `node -e 0` by',
    list === undefined || bare === undefined ? undefined : list - bare,
    '≤ 100 ms',
    atMost(100),
    ' ms',
  );
  const save = median('saves', 'treadle watch');
  const watchers = ['wireit --watch', 'node --watch', 'vitest --watch'].map((name) => median('saves', name));
  add(
    'from a save to the end of the rerun, against the fastest of wireit, node --watch, vitest',
    ratio(save, Math.min(...watchers.filter((value) => value !== undefined))),
    '< 1×',
    (value) => value < 1,
  );
  add(
    'a million progress updates: longer for the step by',
    extras.progressExtra === undefined ? undefined : extras.progressExtra * 100,
    '≤ 1 %',
    atMost(1),
    ' %',
  );
  add('a million progress updates: events a second', extras.wakesPerSecond, '≤ 30', atMost(30), '');
  add(
    'a step that loops for ever: from its time limit and grace to the end of its group',
    extras.stopLateMs,
    '≤ 100 ms',
    atMost(100),
    ' ms',
  );
  add('processor time grows with the number of steps to the power of', extras.stepsExponent, 'linear: ≤ 1.1', atMost(1.1), '');
  add(
    'heap that a step without output takes, with what was written and its plan',
    extras.bytesPerStep,
    '≤ 1,024 bytes',
    atMost(1024),
    ' bytes',
  );
  add('a step that loops for ever: processes left', extras.stopLeft, '0', (value) => value === 0, '');
  return targets;
}
