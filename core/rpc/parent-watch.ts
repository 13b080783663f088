import { Worker } from 'node:worker_threads';

/** How often the parent is looked for, and how long the process may take to end by itself once it is gone, in milliseconds. */
const lookMs = 1000;
const graceMs = 6000;

/**
 * Looks after the process from a thread of its own, because its main thread may be held up by a step that never yields.
 * When the parent is gone, the process ends, with what it started itself; the guard stops what strayed further.
 */
const watcher = `
  const { execFileSync } = require('node:child_process');
  const parent = process.ppid;
  const descendants = () => {
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 })
      .trim().split('\\n').filter((row) => !row.includes('treadle-guard')).map((row) => row.trim().split(/ +/, 2).map(Number));
    const found = new Set([process.pid]);
    for (let size = 0; size < found.size; ) {
      size = found.size;
      for (const [pid, above] of rows) if (found.has(above)) found.add(pid);
    }
    found.delete(process.pid);
    return found;
  };
  const kill = (pid) => { try { process.kill(pid, 'SIGKILL'); } catch {} };
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    setTimeout(() => {
      try { descendants().forEach(kill); } catch {}
      kill(process.pid);
    }, ${graceMs});
  }, ${lookMs});
`;

/** Ends this process some seconds after its parent, if it has not ended itself by then. */
export function endWithParent(): void {
  if (process.platform === 'win32' || process.ppid <= 1) return;
  new Worker(watcher, { eval: true, stdout: false, stderr: false }).on('error', () => undefined).unref();
}
