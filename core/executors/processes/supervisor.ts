import { serializeError } from '../../context/errors.ts';
import { TreadleError } from '../../contract/errors.ts';
import type { CommandListener, Environment, ExecRequest, Processes, StepEnd } from '../../contract/executor.ts';
import { within } from '../../contract/time-limit.ts';
import { atExit } from '../../files/exit-hook.ts';
import { Child } from './child.ts';
import { environmentIn } from './command-path.ts';
import { Cookie, type MarkedProcess } from './cookie.ts';
import { Lookout } from './lookout.ts';
import { Protection, sweepLeftovers } from './leftovers.ts';
import { hasProcessFiles } from './process-table.ts';
import { stillAlive, takeDown, takeDownNow } from './takedown.ts';

/** Milliseconds between SIGTERM and SIGKILL. */
const defaultGraceMs = 500;
/** How long after the end of a step its stragglers are looked for, together with those of other steps. */
const defaultSweepDelayMs = 1000;
/** How long the last words of a stopped command are waited for, in milliseconds. */
const lastWordsMs = 150;

/** Settings of a {@link ProcessSupervisor}. */
export interface SupervisorOptions {
  /** The project's folder. */
  readonly root: string;
  /**
   * Guards the run from its first step on, at the cost of one process, and not only once a command has run for a while. For
   * engines that are killed while a step keeps their main thread from doing anything. Default: false.
   */
  readonly guardAtOnce?: boolean;
  /** Milliseconds between SIGTERM and SIGKILL. Default: 500. */
  readonly graceMs?: number;
  /** Milliseconds after which what left the group of a step that ended is stopped. Default: 1000. */
  readonly sweepDelayMs?: number;
}

/** What one attempt at a step started. */
interface Attempt {
  readonly id: number;
  readonly children: Set<Child>;
}

/**
 * Starts the processes of one run and stops them with everything that they started. Each runs in a group of its own,
 * and an environment variable marks it and all of its descendants, so that one that leaves the group is found as well.
 */
export class ProcessSupervisor implements Processes {
  readonly id: string;
  private readonly root: string;
  private readonly guardAtOnce: boolean;
  private readonly graceMs: number;
  private readonly sweepDelayMs: number;
  private readonly cookie: Cookie;
  private readonly lookout: Lookout;
  private readonly protection: Protection;
  /** Attempts under way, by owner. */
  private readonly attempts = new Map<string, Attempt>();
  /** Every command of which something may live. */
  private readonly children = new Set<Child>();
  /** Commands that serve the steps that follow, and their owners. What they started lives as long as they may. */
  private readonly services = new Map<number, string>();
  private attemptCount = 0;
  private commandCount = 0;
  private sweepTimer: NodeJS.Timeout | undefined;
  private forgetAtExit: (() => void) | undefined;
  private closed = false;

  constructor(runId: string, options: SupervisorOptions) {
    this.id = runId;
    this.root = options.root;
    this.guardAtOnce = options.guardAtOnce ?? false;
    this.graceMs = options.graceMs ?? defaultGraceMs;
    this.sweepDelayMs = options.sweepDelayMs ?? defaultSweepDelayMs;
    this.cookie = new Cookie(runId);
    this.lookout = new Lookout(this.cookie);
    this.protection = new Protection(options.root, runId, this.cookie.name);
  }

  /** Opens an attempt of the owner, and gives the variables that mark what its code starts by itself. */
  environment(owner: string): Environment {
    this.begin();
    return this.cookie.of(owner, this.attemptOf(owner).id, 0);
  }

  /** Starts a command in an attempt that is open. One that comes after the end of its step, or of the run, is refused. */
  exec(owner: string, request: ExecRequest, listener: CommandListener): () => void {
    const attempt = this.attempts.get(owner);
    if (this.closed || attempt === undefined) {
      const what = this.closed ? 'run' : 'step';
      const refusal = new TreadleError('E_CANCELLED', `The ${what} has ended; it cannot start a command any more.`);
      queueMicrotask(() => listener.error(serializeError(refusal)));
      return () => undefined;
    }
    this.protection.armSoon();
    const command = (this.commandCount += 1);
    if (request.lifetime === 'run') this.services.set(command, owner);
    const env = { ...environmentIn(request.cwd, this.root, request.env), ...this.cookie.of(owner, attempt.id, command) };
    const child = new Child(command, request, env, listener);
    if (child.pid !== undefined) this.cookie.noteStart();
    attempt.children.add(child);
    this.children.add(child);
    void child.reported.then(() => {
      if (child.alive || child.lifetime === 'run') return;
      attempt.children.delete(child);
      this.children.delete(child);
    });
    return () => {
      this.services.delete(command);
      void this.stop([child], (marked) => marked.command === command);
    };
  }

  async endStep(owner: string, options: StepEnd = { passed: true, sweep: false }): Promise<void> {
    const attempt = this.attempts.get(owner);
    if (attempt === undefined) return;
    this.attempts.delete(owner);
    const ending = [...attempt.children].filter(({ lifetime }) => lifetime === 'step' || !options.passed);
    for (const { command } of ending) this.services.delete(command);
    const left = ending.length === 0 ? ending : await stillAlive(ending, this.lookout);
    if (options.sweep) await this.stop(left, (marked) => marked.attempt === attempt.id && !this.services.has(marked.command));
    else if (left.length > 0) await this.stop(left, ({ command }) => left.some((child) => child.command === command));
    for (const child of ending) this.release(child);
    this.sweepSoon();
  }

  async serves(owner: string): Promise<boolean> {
    const services = this.servicesOf((other) => other === owner);
    await Promise.all(services.filter((child) => child.isZombie).map(({ exited }) => exited));
    return services.some((child) => child.alive);
  }

  async endServices(owner: string): Promise<void> {
    await this.endCommands(this.servicesOf((other) => other === owner));
  }

  async endRun(keeps?: (owner: string) => boolean): Promise<void> {
    clearTimeout(this.sweepTimer);
    this.sweepTimer = undefined;
    if (keeps === undefined) {
      this.closed = true;
      await this.stop([...this.children], () => true);
      return this.letGo();
    }
    const services = this.servicesOf(keeps);
    // That one ended by itself belongs to the run that is about to end.
    await within(lastWordsMs, Promise.all(services.filter((child) => child.isZombie).map(({ reported }) => reported)));
    const kept = new Set(services.filter((child) => child.alive));
    const commands = new Set([...kept].map(({ command }) => command));
    const ending = [...this.children].filter((child) => !kept.has(child));
    await this.stop(ending, (marked) => !commands.has(marked.command));
    for (const child of ending) this.release(child);
    if (this.children.size === 0) this.letGo();
  }

  killNow(): void {
    this.closed = true;
    clearTimeout(this.sweepTimer);
    takeDownNow({ children: [...this.children], lookout: this.lookout, belongs: () => true });
    this.letGo();
  }

  private servicesOf(owns: (owner: string) => boolean): readonly Child[] {
    return [...this.children].filter(({ command }) => owns(this.services.get(command) ?? ''));
  }

  private async endCommands(children: readonly Child[]): Promise<void> {
    const commands = new Set(children.map(({ command }) => command));
    for (const command of commands) this.services.delete(command);
    await this.stop(children, (marked) => commands.has(marked.command));
    for (const child of children) this.release(child);
  }

  private attemptOf(owner: string): Attempt {
    let attempt = this.attempts.get(owner);
    if (attempt === undefined) {
      this.attemptCount += 1;
      this.attempts.set(owner, (attempt = { id: this.attemptCount, children: new Set() }));
    }
    return attempt;
  }

  /** Before the first process of the run. */
  private begin(): void {
    if (this.forgetAtExit !== undefined || this.closed) return;
    this.forgetAtExit = atExit(() => this.killNow());
    // What a killed run left would hold the ports that this one needs.
    sweepLeftovers(this.root);
    if (this.guardAtOnce) this.protection.armNow();
  }

  private async stop(children: readonly Child[], belongs: (marked: MarkedProcess) => boolean): Promise<void> {
    await takeDown({ children, lookout: this.lookout, belongs }, this.graceMs);
    await within(lastWordsMs, Promise.all(children.map(({ reported }) => reported)));
  }

  /** Finds what left the group of a step that ended by itself; one look for all steps of a second. */
  private sweepSoon(): void {
    // Without process files a look costs too much for a mere precaution; the end of the run has one anyway.
    if (!hasProcessFiles || this.closed || this.sweepTimer !== undefined) return;
    this.sweepTimer = setTimeout(() => {
      this.sweepTimer = undefined;
      const open = new Set([...this.attempts.values()].map(({ id }) => id));
      const belongs = (marked: MarkedProcess): boolean => !open.has(marked.attempt) && !this.services.has(marked.command);
      if (this.lookout.lookNow().marked.some(belongs)) void this.stop([], belongs);
    }, this.sweepDelayMs);
    this.sweepTimer.unref();
  }

  private release(child: Child): void {
    child.release();
    this.children.delete(child);
  }

  private letGo(): void {
    for (const child of this.children) this.release(child);
    this.attempts.clear();
    this.forgetAtExit?.();
    // A run that follows begins anew.
    this.forgetAtExit = undefined;
    this.protection.end();
  }
}
