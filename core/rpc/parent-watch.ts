import { Worker } from 'node:worker_threads';

/**
 * How often the parent is looked for, how long the main thread may stand still once it is gone, and how long the process
 * may take to end by itself, in milliseconds.
 */
const lookMs = 500;
const stillMs = 2000;
const graceMs = 6000;
const beatMs = 250;

/**
 * Looks after the process from a thread of its own, because its main thread may be held up by a step that never yields.
 * When the parent is gone, the process ends, with what it started itself; the guard stops what strayed further.
 */
const watcher = `
  const { parentPort } = require('node:worker_threads');
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
    const end = () => {
      try { descendants().forEach(kill); } catch {}
      kill(process.pid);
    };
    setTimeout(end, ${graceMs});
    let answeredAt = performance.now();
    parentPort.on('message', () => (answeredAt = performance.now()));
    setInterval(() => {
      if (performance.now() - answeredAt > ${stillMs}) end();
      parentPort.postMessage('still there?');
    }, ${beatMs});
  }, ${lookMs});
`;

/** Ends this process some seconds after its parent, if it has not ended itself by then. */
export function endWithParent(): void {
  if (process.platform === 'win32' || process.ppid <= 1) return;
  const watching = new Worker(watcher, { eval: true, stdout: false, stderr: false });
  watching
    .on('message', () => watching.postMessage('yes'))
    .on('error', () => undefined)
    .unref();
}
