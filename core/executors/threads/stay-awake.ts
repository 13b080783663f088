import { availableParallelism } from 'node:os';

/**
 * A thread that goes to sleep has to be woken, which on a virtual machine can take longer than a short step does. So both
 * sides poll for a moment before they sleep, as mutexes and schedulers do: long enough for a short step or the next task,
 * short enough not to matter to anybody else.
 */
const awakeForMs = 0.05;
/** So many polls in a row without news show that it does not pay: steps take longer, or others need the processors. */
const patience = 4;
/** How often it is then left out before it is tried again. */
const restFor = 500;

/** With one processor, the other side could not do anything while this one polls. */
const worthIt = availableParallelism() > 1;

let until = 0;
let polling = false;
let inVain = 0;
let resting = 0;

/** Keeps this thread's event loop from sleeping for the next 50 µs, where that has paid lately. */
export function stayAwake(): void {
  if (!worthIt) return;
  if (resting > 0) {
    resting -= 1;
    return;
  }
  until = performance.now() + awakeForMs;
  if (polling) return;
  polling = true;
  setImmediate(poll);
}

/** Says that something has come: if this thread was kept awake for it, that has paid. */
export function heardNews(): void {
  if (polling) inVain = 0;
}

function poll(): void {
  if (performance.now() < until) {
    setImmediate(poll);
    return;
  }
  polling = false;
  inVain += 1;
  if (inVain < patience) return;
  inVain = 0;
  resting = restFor;
}
