import { availableParallelism } from 'node:os';

/** How many threads steps may occupy: steps that wait must not queue behind the number of cores. */
export function threadCount(): number {
  return Math.min(32, availableParallelism() + 4);
}
