// Loaded into a process before its program: at its end, writes what the process took to the file that TREADLE_BENCH_COST names.
const { readFileSync, writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const file = process.env.TREADLE_BENCH_COST;
// Its threads, and processes that it starts, are not asked.
delete process.env.TREADLE_BENCH_COST;
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(
      file,
      JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: (ownPeak() ?? maxRSS) / 1024, lagMs: delay.max / 1e6 }),
    );
  });
}

/** In kilobytes. Linux counts into maxRSS what the parent had when it forked, which may be more than all of this process. */
function ownPeak() {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes);
  } catch {
    return undefined;
  }
}
