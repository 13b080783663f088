import { serializeError } from '../../context/errors.ts';
import { TreadleError, type SerializedError } from '../../contract/errors.ts';
import type { Assignment, Attempt, Outcome, StepHost } from '../../contract/executor.ts';
import type { Lane } from './lane.ts';
import type { LaneMessage, OutcomeReply } from './protocol.ts';

/** One attempt on a thread, from the queue to its outcome. */
export class ThreadAttempt implements Attempt {
  readonly task: number;
  readonly assignment: Assignment;
  readonly host: StepHost;
  readonly outcome: Promise<Outcome>;
  /** Aborting it terminates the thread. */
  readonly controller = new AbortController();
  slot = -1;
  lane: Lane | undefined;
  /** Set when the step was asked to stop before it reached a thread or its lane was known. */
  abortedWith: SerializedError | undefined;
  settled = false;
  lastPercent = -1;
  private received = 0;
  private waiting: OutcomeReply | undefined;
  private readonly commands = new Map<number, () => void>();
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
    this.abortedWith = error;
    this.lane?.send({ type: 'abort', task: this.task, error });
  }

  kill(error: SerializedError): void {
    if (!this.settled) this.onKill(this, error);
  }

  /** The lane of its thread is known from now on. */
  bind(lane: Lane): void {
    if (this.lane === lane) return;
    this.lane = lane;
    if (this.abortedWith !== undefined) lane.send({ type: 'abort', task: this.task, error: this.abortedWith });
  }

  /** Takes the task's result; the outcome counts once all that was posted before it has arrived. */
  onReply(reply: OutcomeReply): void {
    this.waiting = reply;
    this.finishIfComplete();
  }

  onMessage(message: LaneMessage): void {
    if (message.type === 'hello') return;
    this.received += 1;
    if (!this.settled) this.deliver(message);
    this.finishIfComplete();
  }

  settle(outcome: Outcome): void {
    if (this.settled) return;
    this.settled = true;
    const thread = this.lane?.thread;
    this.onSettled(this);
    this.resolve(thread === undefined || thread === 0 ? outcome : { ...outcome, thread });
  }

  private finishIfComplete(): void {
    const reply = this.waiting;
    if (reply === undefined || this.received < reply.posted || this.settled) return;
    if (reply.percent !== this.lastPercent || reply.message !== undefined) {
      if (reply.percent > 0 || reply.message !== undefined) this.host.progress(reply.percent, reply.message);
    }
    this.settle(reply.outcome);
  }

  private deliver(message: LaneMessage): void {
    switch (message.type) {
      case 'progress':
        this.lastPercent = message.percent;
        this.host.progress(message.percent, message.message);
        break;
      case 'output':
        this.host.output(message.stream, message.text);
        break;
      case 'test':
        this.host.test(message.result);
        break;
      case 'diagnostic':
        this.host.diagnostic(message.problem);
        break;
      case 'warning':
        this.host.warning(message.message);
        break;
      case 'attach':
        this.host.attach(message.name, message.content);
        break;
      case 'exec':
        this.startCommand(message);
        break;
      case 'exec-stop':
        this.commands.get(message.call)?.();
        break;
      case 'last':
        this.settle(message.outcome);
        // Its thread is not to be used again.
        this.controller.abort();
        break;
      case 'hello':
        break;
    }
  }

  private startCommand(message: LaneMessage & { readonly type: 'exec' }): void {
    const { call } = message;
    const send = (command: Parameters<Lane['send']>[0]): void => {
      if (!this.settled) this.lane?.send(command);
    };
    const { task } = this;
    try {
      const stop = this.host.exec(message.request, {
        started: (pid) => send({ type: 'exec-started', task, call, pid }),
        line: (line, stream) => send({ type: 'exec-line', task, call, line, stream }),
        exit: (result) => send({ type: 'exec-exit', task, call, result }),
        error: (error) => send({ type: 'exec-error', task, call, error }),
      });
      this.commands.set(call, stop);
    } catch (thrown) {
      send({ type: 'exec-error', task, call, error: serializeError(thrown) });
    }
  }
}

/** What became of a thread that ended while a step ran in it. */
export function lostThread(exitCode: number, stepId: string): SerializedError {
  return serializeError(
    new TreadleError('E_WORKER_LOST', `The thread of step "${stepId}" ended with code ${exitCode} while the step ran.`),
    { stepId },
  );
}
