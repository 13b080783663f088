// Loaded into a process before its program: at its end, writes what the process took to the file that TREADLE_BENCH_COST names.
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const file = process.env.TREADLE_BENCH_COST;
// Its threads, and processes that it starts, are not asked.
delete process.env.TREADLE_BENCH_COST;
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(file, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024, lagMs: delay.max / 1e6 }));
  });
}
