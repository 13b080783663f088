import { writeFileSync } from 'node:fs';

/** Writes how much of the heap is in use, garbage not counted, when a run has its plan and when it has ended. */
export default class HeapReporter {
  constructor(output) {
    this.output = output;
  }
  onEvent({ type }) {
    if (type === 'run:start') this.plan = used();
    if (type === 'run:end') writeFileSync(process.env.TREADLE_BENCH_HEAP, JSON.stringify({ plan: this.plan, run: used() }));
  }
}

function used() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
