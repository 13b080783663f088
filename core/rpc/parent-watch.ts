import { Worker } from 'node:worker_threads';

/** How often the parent is looked for, and how long the process may take to end by itself once it is gone, in milliseconds. */
const lookMs = 1000;
const graceMs = 6000;

/**
 * Looks after the process from a thread of its own, because its main thread may be held up by a step that never yields:
 * when the parent is gone, the process ends. What its steps started is stopped by the guard that outlives it.
 */
const watcher = `
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${graceMs});
  }, ${lookMs});
`;

/** Ends this process some seconds after its parent, if it has not ended itself by then. */
export function endWithParent(): void {
  if (process.platform === 'win32' || process.ppid <= 1) return;
  new Worker(watcher, { eval: true, stdout: false, stderr: false }).on('error', () => undefined).unref();
}
