import { setTimeout as delay } from 'node:timers/promises';

/** How long something on the screen may take to become what a test waits for, in milliseconds. */
const patienceMs = 30_000;

/**
 * Reads again and again until what is read fits, and gives it.
 *
 * @param what - for the error, which also shows what was read last
 */
export async function until<T>(what: string, read: () => Promise<T>, fits: (value: T) => boolean, ms = patienceMs): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
    if (performance.now() > end) throw new Error(`Within ${ms} ms there was no ${what}. Last seen: ${JSON.stringify(value, undefined, 2)}`);
    await delay(50);
  }
}
