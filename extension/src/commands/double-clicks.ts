import { isTarget } from './targets.ts';

/** Most people's systems take presses this close to each other for a double click, in milliseconds. */
const doubleClickMs = 500;

/**
 * Tells the second press of a double click from the first. A button that runs something is drawn anew only after a while, so that it is
 * hit twice.
 *
 * @param now - milliseconds since any moment
 */
export function createDoubleClicks(now: () => number = () => performance.now()): { isSecond(button: string | undefined): boolean } {
  let last: { readonly button: string; readonly at: number } | undefined;
  return {
    isSecond(button) {
      if (button !== undefined && button === last?.button && now() - last.at < doubleClickMs) return true;
      last = button === undefined ? undefined : { button, at: now() };
      return false;
    },
  };
}

/** The row whose button was pressed; `undefined` where it was none: keys and other extensions mean what they say. */
export function rowOf(argument: unknown): string | undefined {
  if (!isTarget(argument)) return undefined;
  // Rows move when a new run comes to stand on top of them.
  return 'runId' in argument ? 'runs' : argument.id;
}
