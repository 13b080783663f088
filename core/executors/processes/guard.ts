import { spawn, type ChildProcess } from 'node:child_process';
import { hasProcessFiles } from './process-table.ts';

/**
 * Waits until its input ends, which it does when the engine's process is gone, however it went. Then it stops what
 * carries the run's mark ($1): a chance to end in order first, as the engine would have given. Shell only, so that
 * it starts in a millisecond and takes next to no memory.
 */
const script = `
read -r _
marked() {
  ${
    hasProcessFiles
      ? `grep -lsF -e "$1=" /proc/[0-9]*/environ | tr -dc '0-9\\n'`
      : `ps -A -E -ww -o pid=,command= | awk -v mark=" $1=" 'index($0, mark) { print $1 }'`
  }
}
signal=TERM
for round in 1 2 3 4 5 6 7 8 9 10; do
  pids=$(marked "$1")
  [ -n "$pids" ] || exit 0
  kill -"$signal" $pids 2>/dev/null
  sleep 0.5
  signal=KILL
done
`;

/** A small process that outlives the engine for as long as it takes to stop the run's processes. */
export class Guard {
  private readonly cookieName: string;
  private process: ChildProcess | undefined;

  constructor(cookieName: string) {
    this.cookieName = cookieName;
  }

  start(): void {
    if (this.process !== undefined || process.platform === 'win32') return;
    this.process = spawn('/bin/sh', ['-c', script, 'treadle-guard', this.cookieName], {
      // Not to be hit by what kills the engine's group or folder.
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.process.on('error', () => undefined);
    this.process.stdin?.on('error', () => undefined);
    // Neither it nor its pipe keeps the engine alive.
    this.process.unref();
    if (this.process.stdin !== null && 'unref' in this.process.stdin && typeof this.process.stdin.unref === 'function') {
      this.process.stdin.unref();
    }
  }

  stop(): void {
    this.process?.kill('SIGKILL');
    this.process = undefined;
  }
}
