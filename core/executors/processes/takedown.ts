import { sendSignal, type Child } from './child.ts';
import type { MarkedProcess } from './cookie.ts';
import type { Look, Lookout } from './lookout.ts';
import { processRow, type ProcessRow } from './process-table.ts';

/** What is to be stopped. */
export interface Target {
  readonly children: readonly Child[];
  readonly lookout: Lookout;
  /** Which of the run's marked processes belong to it. */
  belongs(marked: MarkedProcess): boolean;
}

/** A process that keeps forking is given up after so many rounds of kills. */
const killRounds = 50;
const longestPauseMs = 25;

/** Stops processes with all that they started: SIGTERM, a grace in milliseconds, SIGKILL. Settles when they are gone. */
export async function takeDown(target: Target, graceMs: number): Promise<void> {
  const { children, lookout } = target;
  const first = await lookout.look();
  const hunt = new Hunt(target, descendants(children, first));
  if (!hunt.ask(first)) return;
  const until = performance.now() + graceMs;
  for (let pauseMs = 2; performance.now() < until; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const paused = pause(Math.min(pauseMs, until - performance.now()));
    await (children.every(({ ended }) => ended) ? paused : Promise.race([allExited(children), paused]));
    // Until the commands themselves have ended there is no need for a look.
    if (!children.every(({ ended }) => ended)) continue;
    // What a process starts while it ends has to be asked as well.
    if (!hunt.ask(await lookout.look())) return;
  }
  for (let round = 0; round < killRounds; round += 1) {
    if (!hunt.kill(await lookout.look())) return;
    await pause(5);
  }
}

/** The same at once, without a grace. */
export function takeDownNow(target: Target): void {
  const hunt = new Hunt(target, descendants(target.children, target.lookout.lookNow()));
  for (let round = 0; round < killRounds; round += 1) {
    const look = target.lookout.lookNow();
    hunt.kill(look);
    // The commands themselves stay until the event loop turns; what strayed has gone when it is found no more.
    if (hunt.strays(look).length === 0) return;
  }
}

/** Those of which anything but zombies is left. Cheap when all are gone, as they usually are. */
export async function stillAlive(children: readonly Child[], lookout: Lookout): Promise<readonly Child[]> {
  const alive = children.filter((child) => child.alive);
  return alive.some(({ ended }) => ended) ? withoutZombies(alive, await lookout.look()) : alive;
}

/** Where nobody collects orphans (a container without init), zombies stay for good: a group of zombies counts as gone. */
function withoutZombies(children: readonly Child[], look: Look): readonly Child[] {
  const alive = children.filter((child) => child.alive);
  if (!alive.some(({ ended }) => ended) || look.table.length === 0) return alive;
  const groups = new Set(look.table.filter(({ zombie }) => !zombie).map(({ group }) => group));
  for (const child of alive) if (child.ended && child.pid !== undefined && !groups.has(child.pid)) child.forget();
  return alive.filter((child) => child.alive);
}

/** The processes of a target: the groups of its commands, what carries their mark, and what descends from them. */
class Hunt {
  private readonly target: Target;
  /** What descended from the commands when the hunt began, marked or not. */
  private readonly family: readonly ProcessRow[];
  /** A second SIGTERM means "at once" to many programs. */
  private readonly asked = new Set<number>();

  constructor(target: Target, family: readonly ProcessRow[]) {
    this.target = target;
    this.family = family;
  }

  /** Sends SIGTERM to what has not had one; says whether anything is left. */
  ask(look: Look): boolean {
    const alive = withoutZombies(this.target.children, look);
    const strays = this.strays(look);
    for (const child of alive) if (child.pid !== undefined && this.isNew(child.pid)) child.signal('SIGTERM');
    for (const pid of strays) if (this.isNew(pid)) sendSignal(pid, 'SIGTERM');
    return alive.length + strays.length > 0;
  }

  /** Sends SIGKILL to everything; says whether there was anything. */
  kill(look: Look): boolean {
    const alive = withoutZombies(this.target.children, look);
    const strays = this.strays(look);
    for (const child of alive) child.signal('SIGKILL');
    for (const pid of strays) sendSignal(pid, 'SIGKILL');
    return alive.length + strays.length > 0;
  }

  /** Processes outside of the groups. */
  strays(look: Look): readonly number[] {
    const { children, belongs } = this.target;
    const groups = new Set(children.filter((child) => child.alive).map(({ pid }) => pid));
    const pids = new Set<number>();
    for (const marked of look.marked) if (!groups.has(marked.group) && belongs(marked)) pids.add(marked.pid);
    for (const { pid, started } of this.family) {
      const row = processRow(pid);
      if (row !== undefined && row.started === started && !row.zombie && !groups.has(row.group)) pids.add(pid);
    }
    return [...pids];
  }

  private isNew(pid: number): boolean {
    if (this.asked.has(pid)) return false;
    this.asked.add(pid);
    return true;
  }
}

/** All that descends from commands or lives in their sessions, as far as the system tells. */
function descendants(children: readonly Child[], look: Look): readonly ProcessRow[] {
  const roots = new Set(children.filter((child) => child.alive).map(({ pid }) => pid));
  if (roots.size === 0) return [];
  const family = new Map<number, ProcessRow>();
  for (let before = -1; before !== family.size;) {
    before = family.size;
    for (const row of look.table) {
      if (family.has(row.parent) || roots.has(row.parent) || roots.has(row.session)) family.set(row.pid, row);
    }
  }
  return [...family.values()];
}

async function allExited(children: readonly Child[]): Promise<void> {
  await Promise.all(children.map(({ exited }) => exited));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
