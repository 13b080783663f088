import { TreadleError } from '../contract/errors.ts';

/** How much of earlier runs is kept. */
export interface HistoryLimits {
  readonly runs: number;
  readonly bytes: number;
}

const usual: HistoryLimits = { runs: 300, bytes: 100 * 1024 * 1024 };

/**
 * What the environment says: `TREADLE_HISTORY=off`, `TREADLE_HISTORY_RUNS`, `TREADLE_HISTORY_MB`.
 *
 * @returns `undefined` when nothing is to be kept
 * @throws `E_USAGE` for what is no number
 */
export function historyLimits(env: NodeJS.ProcessEnv): HistoryLimits | undefined {
  const { TREADLE_HISTORY: mode = '', TREADLE_HISTORY_RUNS: runs, TREADLE_HISTORY_MB: megabytes } = env;
  if (['off', '0', 'false', 'no'].includes(mode.toLowerCase())) return undefined;
  return {
    runs: runs === undefined || runs === '' ? usual.runs : Math.ceil(positive('TREADLE_HISTORY_RUNS', runs)),
    bytes: megabytes === undefined || megabytes === '' ? usual.bytes : positive('TREADLE_HISTORY_MB', megabytes) * 1024 * 1024,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new TreadleError('E_USAGE', `${name} must be a number above 0, not "${text}".`, {
    hint: 'Set TREADLE_HISTORY=off to keep no history.',
  });
}
