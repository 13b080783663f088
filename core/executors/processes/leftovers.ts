import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProcessMark, isThere, markOfThisProcess, type ProcessMark } from '../../files/process-mark.ts';
import { sendSignal } from './child.ts';
import { Cookie } from './cookie.ts';
import { Guard } from './guard.ts';

/** A run whose commands take less is not worth the guard, which costs as much as one more command. */
const armDelayMs = 100;
/** Records that other machines left in a shared folder are removed after this time. */
const staleMs = 7 * 24 * 3600 * 1000;
const sweepRounds = 50;

/** What a run writes down, so that a later one can clean up should its engine be killed. */
interface RunRecord extends ProcessMark {
  readonly runId: string;
}

/** What is done for the case that the engine is killed: a guard for its processes, and a record for the next run. */
export class Protection {
  private readonly root: string;
  private readonly runId: string;
  private readonly guard: Guard;
  private timer: NodeJS.Timeout | undefined;
  private recorded = false;

  constructor(root: string, runId: string, cookieName: string) {
    this.root = root;
    this.runId = runId;
    this.guard = new Guard(cookieName);
  }

  /** With the first command; what it takes is done later, and never in short runs. */
  armSoon(): void {
    if (this.timer !== undefined || this.recorded) return;
    this.timer = setTimeout(() => this.armNow(), armDelayMs);
    this.timer.unref();
  }

  armNow(): void {
    if (this.recorded) return;
    this.recorded = true;
    recordRun(this.root, this.runId);
    this.guard.start();
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.guard.stop();
    if (this.recorded) forgetRun(this.root, this.runId);
    this.recorded = false;
  }
}

/** Writes down that this process runs something in the project. */
export function recordRun(root: string, runId: string): void {
  const record: RunRecord = { runId, ...markOfThisProcess() };
  try {
    mkdirSync(recordFolder(root), { recursive: true });
    writeFileSync(recordFile(root, runId), JSON.stringify(record));
  } catch {
    // A folder that may not be written: the guard has to do.
  }
}

/** Takes the record back. */
export function forgetRun(root: string, runId: string): void {
  try {
    rmSync(recordFile(root, runId), { force: true });
  } catch {
    // It cannot have been written either.
  }
}

/**
 * Kills what runs of the project left whose engine was killed.
 *
 * @returns how many processes it killed. Each carried the mark of such a run: none is killed for its pid alone.
 */
export function sweepLeftovers(root: string): number {
  let killed = 0;
  for (const file of recordFiles(root)) {
    const record = readRecord(file);
    const there = record === undefined ? undefined : isThere(record);
    if (record === undefined || there === undefined) {
      if (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > staleMs) rmSync(file, { force: true });
      continue;
    }
    // Better to leave something than to kill what lives.
    if (there) continue;
    killed += killMarked(new Cookie(record.runId, 0));
    rmSync(file, { force: true });
  }
  return killed;
}

function killMarked(cookie: Cookie): number {
  const killed = new Set<number>();
  for (let round = 0; round < sweepRounds; round += 1) {
    const marked = cookie.find();
    if (marked.length === 0) break;
    for (const { pid } of marked) {
      killed.add(pid);
      sendSignal(pid, 'SIGKILL');
    }
  }
  return killed.size;
}

function recordFolder(root: string): string {
  return join(root, '.treadle', 'processes');
}

function recordFile(root: string, runId: string): string {
  return join(recordFolder(root), `${runId}.json`);
}

function recordFiles(root: string): string[] {
  // Most projects have none, and throwing takes longer than looking.
  if (!existsSync(recordFolder(root))) return [];
  try {
    return readdirSync(recordFolder(root))
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(recordFolder(root), name));
  } catch {
    return [];
  }
}

function readRecord(file: string): RunRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is RunRecord {
  return isProcessMark(value) && 'runId' in value && typeof value.runId === 'string' && value.runId !== '';
}
