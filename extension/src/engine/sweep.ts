import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identify, isSameProcess, thisPlace, type ProcessIdentity } from './process-identity.ts';

/** What is written down of an engine that runs, for the case that its window crashes. */
interface EngineRecord {
  readonly engine: ProcessIdentity;
  /** The extension host that started it. */
  readonly owner: ProcessIdentity;
  readonly place: string;
}

/** Records that mean nothing here are kept for so long. */
const staleMs = 7 * 24 * 3600 * 1000;

/** Writes down that this process started an engine. @returns what takes it back, once the engine has ended. */
export async function recordEngine(folder: string, pid: number): Promise<() => Promise<void>> {
  const [engine, owner, place] = await Promise.all([identify(pid), identify(process.pid), thisPlace()]);
  if (engine === undefined || owner === undefined) return async () => undefined;
  const file = join(folder, `${pid}-${Date.now().toString(36)}.json`);
  const record: EngineRecord = { engine, owner, place };
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(record));
  return () => rm(file, { force: true });
}

/**
 * Kills engines whose window is gone. None is killed for its pid alone: its start time must be the one that was
 * written down, and its owner must not exist any more.
 *
 * @returns how many.
 */
export async function sweepEngines(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const place = await thisPlace();
  let killed = 0;
  for (const name of names) {
    if (!name.endsWith('.json')) continue;
    const file = join(folder, name);
    const record = await readRecord(file);
    if (record !== undefined && record.place !== place) {
      // Of another machine that shares the folder, or of this one before it was started anew.
      const written = await stat(file).catch(() => undefined);
      if (written !== undefined && Date.now() - written.mtimeMs < staleMs) continue;
    } else if (record !== undefined && (await isSameProcess(record.engine))) {
      if (await isSameProcess(record.owner)) continue;
      killGroup(record.engine.pid);
      killed += 1;
    }
    await rm(file, { force: true });
  }
  return killed;
}

function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

async function readRecord(file: string): Promise<EngineRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is EngineRecord {
  if (typeof value !== 'object' || value === null || !('engine' in value) || !('owner' in value) || !('place' in value)) return false;
  return isIdentity(value.engine) && isIdentity(value.owner) && typeof value.place === 'string';
}

function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value)) return false;
  // Of group 1 and below, a kill would take everything down.
  return typeof value.pid === 'number' && Number.isInteger(value.pid) && value.pid > 1 && typeof value.started === 'string';
}
