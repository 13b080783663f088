import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

// Loaded before a program: writes at its end how long its main thread kept others waiting.
const file = process.env.BENCH_LAG_FILE;
// Processes that it starts are not meant.
delete process.env.BENCH_LAG_FILE;
if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('exit', () => writeFileSync(file, JSON.stringify({ max: delay.max / 1e6 })));
}
