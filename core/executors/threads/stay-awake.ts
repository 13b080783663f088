import { availableParallelism } from 'node:os';

/**
 * A thread that goes to sleep has to be woken, which on a virtual machine takes longer than a short step does. So both sides
 * poll for a moment before they sleep, as mutexes and schedulers do: long enough for a short step or the next task, short
 * enough not to matter to anybody else.
 */
const awakeForMs = 0.05;

/** With one processor, the other side could not do anything while this one polls. */
const worthIt = availableParallelism() > 1;

let until = 0;
let polling = false;

/** Keeps this thread's event loop from sleeping for the next 50 µs. */
export function stayAwake(): void {
  if (!worthIt) return;
  until = performance.now() + awakeForMs;
  if (polling) return;
  polling = true;
  setImmediate(poll);
}

function poll(): void {
  if (performance.now() < until) setImmediate(poll);
  else polling = false;
}
