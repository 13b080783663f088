import type { Environment, ExecRequest, Processes } from '../../contract/executor.ts';
import { Child, sendSignal, type ChildListener } from './child.ts';
import { Cookie } from './cookie.ts';

/** Milliseconds between SIGTERM and SIGKILL. */
const defaultGraceMs = 500;
const pollMs = 10;
/** A process that keeps forking is given up after so many rounds. */
const sweepRounds = 20;

/** Settings of a {@link ProcessSupervisor}. */
export interface SupervisorOptions {
  /** The project's folder. */
  readonly root: string;
  readonly graceMs?: number;
}

/**
 * Starts the processes of one run and stops them with everything that they started. Each runs in a group of its own,
 * and an environment variable marks it and all of its descendants, so that one that leaves the group is found as well.
 */
export class ProcessSupervisor implements Processes {
  private readonly cookie: Cookie;
  private readonly graceMs: number;
  private readonly children = new Map<string, Set<Child>>();

  constructor(runId: string, options: SupervisorOptions) {
    this.cookie = new Cookie(runId);
    this.graceMs = options.graceMs ?? defaultGraceMs;
  }

  environment(owner: string): Environment {
    return this.cookie.of(owner);
  }

  exec(owner: string, request: ExecRequest, listener: ChildListener): () => void {
    const child = new Child(request, this.environment(owner), listener);
    let own = this.children.get(owner);
    if (own === undefined) this.children.set(owner, (own = new Set()));
    own.add(child);
    return () => void this.stop([child]);
  }

  async endStep(owner: string, options: { readonly sweep: boolean } = { sweep: false }): Promise<void> {
    const own = this.children.get(owner);
    const ending = [...(own ?? [])].filter(({ lifetime }) => lifetime === 'step');
    const left = ending.filter(({ alive }) => alive);
    if (left.length > 0) await this.stop(left);
    for (const child of ending) own?.delete(child);
    // A service of the step is marked alike, and must live on.
    if (options.sweep && (own?.size ?? 0) === 0) await this.sweep(owner);
    if (own?.size === 0) this.children.delete(owner);
  }

  async endRun(): Promise<void> {
    const all = [...this.children.values()].flatMap((own) => [...own]).filter(({ alive }) => alive);
    if (all.length > 0) await this.stop(all);
    this.children.clear();
    await this.sweep();
  }

  killNow(): void {
    for (const own of this.children.values()) for (const child of own) child.signal('SIGKILL');
    for (let round = 0; round < sweepRounds; round += 1) {
      const marked = this.cookie.find();
      if (marked.length === 0) return;
      for (const pid of marked) sendSignal(pid, 'SIGKILL');
    }
  }

  /** SIGTERM, a grace, SIGKILL; settles when the groups are gone. */
  private async stop(children: readonly Child[]): Promise<void> {
    for (const child of children) child.signal('SIGTERM');
    if (await this.gone(children, this.graceMs)) return;
    for (const child of children) if (child.alive) child.signal('SIGKILL');
    await this.gone(children, this.graceMs);
  }

  private async gone(children: readonly Child[], limitMs: number): Promise<boolean> {
    const until = performance.now() + limitMs;
    for (;;) {
      if (children.every(({ alive }) => !alive)) return true;
      if (performance.now() >= until) return false;
      await pause(pollMs);
    }
  }

  /** Finds and kills processes that carry a cookie but left their group. */
  private async sweep(owner?: string): Promise<void> {
    let marked = this.cookie.find(owner);
    for (const pid of marked) sendSignal(pid, 'SIGTERM');
    const until = performance.now() + this.graceMs;
    while (marked.length > 0 && performance.now() < until) {
      await pause(pollMs);
      marked = this.cookie.find(owner);
    }
    for (let round = 0; marked.length > 0 && round < sweepRounds; round += 1) {
      for (const pid of marked) sendSignal(pid, 'SIGKILL');
      await pause(pollMs);
      marked = this.cookie.find(owner);
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
