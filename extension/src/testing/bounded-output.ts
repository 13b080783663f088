import type { NodeKey } from '../store/records.ts';
import type { Clock } from '../tree/refresh.ts';

/** Hands on what steps write, as a terminal shows it: in chunks, at most ten times a second, and not without end. */
export interface BoundedOutput {
  add(step: NodeKey, text: string): void;
  /** Hands on what is still held back. */
  flush(): void;
}

/** Limits in characters. */
export interface OutputLimits {
  /** Of one chunk. */
  readonly chunk: number;
  /** Of one step. */
  readonly step: number;
  /** Of a run. */
  readonly run: number;
}

const usualLimits: OutputLimits = { chunk: 64 * 1024, step: 1024 * 1024, run: 16 * 1024 * 1024 };
const pauseMs = 100;

/** @param cutNotice - the last line of a step whose output goes on elsewhere */
export function createBoundedOutput(
  clock: Clock,
  write: (step: NodeKey, text: string) => void,
  cutNotice: string,
  limits: OutputLimits = usualLimits,
): BoundedOutput {
  const held = new Map<NodeKey, string>();
  const left = new Map<NodeKey, number>();
  let leftOfRun = limits.run;
  let callOff: (() => void) | undefined;

  function flush(): void {
    callOff?.();
    callOff = undefined;
    for (const [step, text] of held) {
      const lines = text.replaceAll(/\r?\n/g, '\r\n');
      for (let from = 0; from < lines.length; from += limits.chunk) write(step, lines.slice(from, from + limits.chunk));
    }
    held.clear();
  }

  return {
    add(step, text) {
      const before = Math.min(left.get(step) ?? limits.step, leftOfRun);
      if (left.get(step) === 0) return;
      const taken = text.length <= before ? text : `${text.slice(0, before)}\n${cutNotice}\n`;
      left.set(step, text.length <= before ? (left.get(step) ?? limits.step) - text.length : 0);
      leftOfRun = Math.max(0, leftOfRun - text.length);
      held.set(step, (held.get(step) ?? '') + taken);
      callOff ??= clock.after(pauseMs, flush);
    },
    flush,
  };
}
