/** A time that passes unless it is called off. */
export interface TimeLimit {
  /** Resolves when the time has passed; never, once it is called off. */
  readonly passed: Promise<void>;
  callOff(): void;
}

/**
 * Not of node:timers/promises, which a start would have to load.
 *
 * @param ms - milliseconds
 */
export function timeLimit(ms: number): TimeLimit {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return { passed: promise, callOff: () => clearTimeout(timer) };
}
