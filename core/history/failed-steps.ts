import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunEvent } from '../contract/events.ts';
import { stepIds, type Plan } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import { makeOwnFolderSync, ownFolder } from '../files/own-files.ts';

/** Remembers, across processes, which steps of each pipeline of a project failed and have not passed since. */
export class FailedSteps {
  private readonly root: string;

  /** @param root - the project's folder, absolute */
  constructor(root: string) {
    this.root = root;
  }

  /** Those that the pipeline still has; `undefined` when no run of it is known. */
  of(pipeline: string, plan: Plan): readonly string[] | undefined {
    const failed = this.read(pipeline);
    return failed === undefined ? undefined : stepIds(plan).filter((id) => failed.has(id));
  }

  /** What became of each step of a run that ended. Never throws: a project that cannot be written to can still be run. */
  note(pipeline: string, outcome: RunOutcome): void {
    // A whole run that passed leaves nothing to mend, whatever it skipped.
    const before = this.read(pipeline);
    const failed = new Set(outcome.whole && outcome.status === 'passed' ? [] : before);
    for (const [id, status] of outcome.steps) {
      if (status === 'failed' || status === 'timed-out') failed.add(id);
      // A step that another failure, or a person, kept from running is as it was.
      else if (status === 'passed') failed.delete(id);
    }
    if (before === undefined || failed.size !== before.size || failed.difference(before).size > 0) this.write(pipeline, failed);
  }

  private read(pipeline: string): ReadonlySet<string> | undefined {
    try {
      const ids: unknown = JSON.parse(readFileSync(this.file(pipeline), 'utf8'));
      return Array.isArray(ids) ? new Set(ids.filter((id) => typeof id === 'string')) : undefined;
    } catch {
      return undefined;
    }
  }

  private write(pipeline: string, failed: ReadonlySet<string>): void {
    const file = this.file(pipeline);
    const draft = `${file}.${process.pid}.tmp`;
    try {
      makeOwnFolderSync(this.root, dirname(file));
      writeFileSync(draft, JSON.stringify([...failed]));
      renameSync(draft, file);
    } catch {
      rmSync(draft, { force: true });
    }
  }

  private file(pipeline: string): string {
    return join(ownFolder(this.root), 'failed', `${encodeURIComponent(pipeline).slice(0, 200)}.json`);
  }
}

/** How a run ended, step by step. */
export class RunOutcome {
  readonly whole: boolean;
  readonly steps = new Map<string, Status>();
  status: Status = 'cancelled';

  /** @param whole - whether nothing of the pipeline was left out */
  constructor(whole: boolean) {
    this.whole = whole;
  }

  add(event: RunEvent): void {
    if (event.type === 'step:end') this.steps.set(event.id, event.status);
    else if (event.type === 'run:end') this.status = event.status;
  }
}
