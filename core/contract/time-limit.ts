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

/** What work comes to, or nothing when it has not come to an end after so many milliseconds. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const limit = timeLimit(ms);
  try {
    return (await Promise.race([work, limit.passed])) ?? undefined;
  } finally {
    limit.callOff();
  }
}
