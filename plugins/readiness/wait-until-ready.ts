import { setTimeout as wait } from 'node:timers/promises';
import { TreadleError } from '../../core/index.ts';
import { showDuration } from '../duration.ts';
import type { Probe } from './probe.ts';

/** How to wait. */
export interface Waiting {
  /** Aborts when nobody wants to wait any longer. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Pause after the first look; it grows by half each time, up to `longestPauseMs`. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  /** The option to name when time is up. */
  readonly timeoutOption: string;
  /** Called after each look that found something not ready. */
  readonly onWaiting: (ready: number, message: string) => void;
}

/** A look that takes longer than this counts as failed. */
const longestLookMs = 5000;

/**
 * Waits until all probes are ready. Each has a rhythm of its own; one that was ready is not looked at again.
 *
 * @throws `E_TIMEOUT`, saying of each probe what was wrong last; the signal's reason when that aborts.
 */
export async function waitUntilReady(probes: readonly Probe[], waiting: Waiting): Promise<void> {
  const problems = new Map<Probe, string | undefined>(probes.map((probe) => [probe, undefined]));
  const deadline = AbortSignal.timeout(waiting.timeoutMs);
  const stop = AbortSignal.any([waiting.signal, deadline]);
  await Promise.all(
    probes.map(async (probe) => {
      for (let pauseMs = waiting.pauseMs; !stop.aborted; pauseMs = Math.min(pauseMs * 1.5, waiting.longestPauseMs)) {
        const problem = await probe.check(AbortSignal.any([stop, AbortSignal.timeout(longestLookMs)]));
        if (problem === undefined) {
          problems.delete(probe);
          return;
        }
        // A look that the deadline cut short says less than the one before.
        if (!stop.aborted || problems.get(probe) === undefined) problems.set(probe, problem);
        if (stop.aborted) return;
        waiting.onWaiting(probes.length - problems.size, `waiting for ${probe.what}: ${problem}`);
        await pause(pauseMs, stop);
      }
    }),
  );
  if (problems.size === 0) return;
  if (waiting.signal.aborted) throw waiting.signal.reason;
  const list = [...problems].map(([probe, problem]) => `${probe.what}: ${problem ?? 'there was no time to look'}`);
  throw new TreadleError('E_TIMEOUT', `Not ready after ${showDuration(waiting.timeoutMs)}: ${list.join('; ')}`, {
    hint: `Raise ${waiting.timeoutOption}, or find out why it is not ready.`,
  });
}

/** Returns early, without an error, when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
