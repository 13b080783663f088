import { serializeError } from '../../context/errors.ts';
import { TreadleError, type SerializedError } from '../../contract/errors.ts';
import type { Assignment, Attempt, Outcome, StepHost } from '../../contract/executor.ts';
import type { AttemptReport, ThreadCommand } from './protocol.ts';
import type { Thread } from './thread.ts';

/** One attempt on a thread, from the queue to its outcome. */
export class ThreadAttempt implements Attempt {
  readonly task: number;
  readonly assignment: Assignment;
  readonly host: StepHost;
  readonly outcome: Promise<Outcome>;
  begun: Promise<void> | undefined;
  /** When it had to wait for a thread; on the clock of `performance.now()`. */
  waitsSince = 0;
  thread: Thread | undefined;
  settled = false;
  /** The percentage that was reported last. */
  lastPercent = 0;
  /** What stops each command that runs, by call. */
  private readonly commands = new Map<number, () => void>();
  private begin: (() => void) | undefined;
  private readonly resolve: (outcome: Outcome) => void;
  private readonly onKill: (attempt: ThreadAttempt, error: SerializedError) => void;
  private readonly onSettled: (attempt: ThreadAttempt) => void;

  constructor(
    task: number,
    assignment: Assignment,
    host: StepHost,
    owner: { onKill: (attempt: ThreadAttempt, error: SerializedError) => void; onSettled: (attempt: ThreadAttempt) => void },
  ) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.task = task;
    this.assignment = assignment;
    this.host = host;
    this.outcome = promise;
    this.resolve = resolve;
    this.onKill = owner.onKill;
    this.onSettled = owner.onSettled;
  }

  abort(error: SerializedError): void {
    // What has not begun needs no time to end.
    if (this.thread === undefined) this.kill(error);
    else this.send({ type: 'abort', task: this.task, error });
  }

  kill(error: SerializedError): void {
    if (!this.settled) this.onKill(this, error);
  }

  /** All threads that there are to be for now are taken: by steps that are short, or of other runs. */
  mustWait(): void {
    this.waitsSince = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.begun = promise;
    this.begin = resolve;
  }

  /** It was sent to a thread. */
  startedOn(thread: Thread): void {
    this.thread = thread;
    this.begin?.();
  }

  settle(outcome: Outcome): void {
    if (this.settled) return;
    this.settled = true;
    const thread = this.thread?.id;
    this.onSettled(this);
    this.resolve(thread === undefined || thread === 0 ? outcome : { ...outcome, thread });
  }

  /** Takes what was sampled, or said at the end. */
  progress(percent: number, message?: string): void {
    if (percent === this.lastPercent && message === undefined) return;
    this.lastPercent = percent;
    this.host.progress(percent, message);
  }

  /** Takes what the step says. */
  onReport(report: AttemptReport): void {
    if (this.settled) return;
    switch (report.type) {
      case 'progress':
        this.progress(report.percent, report.message);
        break;
      case 'output':
        this.host.output(report.stream, report.text);
        break;
      case 'test':
        this.host.test(report.result);
        break;
      case 'diagnostic':
        this.host.diagnostic(report.problem);
        break;
      case 'warning':
        this.host.warning(report.message);
        break;
      case 'attach':
        this.host.attach(report.name, report.content);
        break;
      case 'exec':
        this.startCommand(report);
        break;
      case 'exec-stop':
        this.commands.get(report.call)?.();
        break;
    }
  }

  private startCommand({ call, request }: AttemptReport & { readonly type: 'exec' }): void {
    const { task } = this;
    try {
      const stop = this.host.exec(request, {
        started: (pid) => this.send({ type: 'exec-started', task, call, pid }),
        line: (line, stream) => this.send({ type: 'exec-line', task, call, line, stream }),
        exit: (result) => this.send({ type: 'exec-exit', task, call, result }),
        error: (error) => this.send({ type: 'exec-error', task, call, error }),
      });
      this.commands.set(call, stop);
    } catch (thrown) {
      this.send({ type: 'exec-error', task, call, error: serializeError(thrown) });
    }
  }

  private send(command: ThreadCommand): void {
    if (!this.settled) this.thread?.send(command);
  }
}

/** What became of a thread that ended while a step ran in it. */
export function lostThread(exitCode: number | undefined, stepId: string): SerializedError {
  return serializeError(
    new TreadleError(
      'E_WORKER_LOST',
      `The thread of step "${stepId}" ended${exitCode === undefined ? '' : ` with code ${exitCode}`} while the step ran.`,
    ),
    { stepId },
  );
}
