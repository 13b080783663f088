import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOwnFolderSync } from '../files/own-files.ts';
import type { CacheFolder } from './cache-folder.ts';

/** Follows the name of a claim that another process has disturbed. */
const disturbedEnd = '.disturbed';

/**
 * Claims of processes on the output files of steps. When two processes run a step in one folder at the same time, each
 * may see files that the other has half written: what either leaves must not be kept.
 */
export class OutputClaims {
  private readonly folder: CacheFolder;
  /** The claim of each step that runs in this process. */
  private readonly own = new Map<string, { readonly file: string; disturbed: boolean }>();

  constructor(folder: CacheFolder) {
    this.folder = folder;
  }

  /** A step is about to write its outputs. */
  claim(stepId: string): void {
    const folder = join(this.folder.claims, encodeURIComponent(stepId).slice(0, 200));
    const name = `${process.pid}-${Math.random().toString(36).slice(2)}`;
    const file = join(folder, name);
    makeOwnFolderSync(this.folder.root, folder);
    writeFileSync(file, '');
    const others = readdirSync(folder).filter((other) => other !== name && !other.endsWith(disturbedEnd) && isAlive(folder, other));
    for (const other of others) writeFileSync(join(folder, `${other}${disturbedEnd}`), '');
    this.own.set(stepId, { file, disturbed: others.length > 0 });
  }

  /** Whether no other process wrote the step's outputs since they were claimed. */
  isUndisturbed(stepId: string): boolean {
    const claim = this.own.get(stepId);
    return claim !== undefined && !claim.disturbed && !existsSync(`${claim.file}${disturbedEnd}`);
  }

  release(stepId: string): void {
    const claim = this.own.get(stepId);
    if (claim === undefined) return;
    this.own.delete(stepId);
    rmSync(claim.file, { force: true });
    rmSync(`${claim.file}${disturbedEnd}`, { force: true });
  }
}

/** Whether the process of a claim still runs; what a dead one left is removed. */
function isAlive(folder: string, claim: string): boolean {
  try {
    process.kill(Number.parseInt(claim, 10), 0);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return true;
    rmSync(join(folder, claim), { force: true });
    return false;
  }
}
