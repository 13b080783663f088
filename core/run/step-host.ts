import { serializeError } from '../context/errors.ts';
import { TreadleError } from '../contract/errors.ts';
import type { Diagnostic, RunEventBody, TestResult } from '../contract/events.ts';
import type { ExecListener, ExecRequest, KeptServices, Processes, ServiceRemark, StepHost } from '../contract/executor.ts';
import type { StepRemark } from '../contract/memory.ts';
import type { Attachments } from './attachments.ts';
import type { ProgressEvents } from './progress-events.ts';
import type { Recollection } from './recollection.ts';

/** Who hears what the steps of a run say. */
export interface StepHears {
  readonly emit: (event: RunEventBody) => void;
  readonly progress: ProgressEvents;
  readonly processes: Processes;
  readonly attachments: Attachments;
  readonly recollection: Recollection | undefined;
  readonly services: KeptServices | undefined;
  /** Hears the services that this run started, where none are kept for further runs. */
  readonly service: (id: string, remark: ServiceRemark) => void;
}

/** What a step's code can reach of the run: each thing that it says becomes an event of the run, until the step has ended. */
export class RunStepHost implements StepHost {
  private readonly id: string;
  private readonly hears: StepHears;
  private hasEnded = false;

  constructor(id: string, hears: StepHears) {
    this.id = id;
    this.hears = hears;
  }

  /** What the step says from now on is not heard. */
  end(): void {
    this.hasEnded = true;
  }

  progress(percent: number, message?: string): void {
    if (!this.hasEnded) this.hears.progress.report(this.id, percent, message);
  }

  output(stream: 'stdout' | 'stderr', text: string): void {
    this.say({ type: 'output', stream, text });
  }

  test(result: TestResult): void {
    this.say({ type: 'test', result });
  }

  diagnostic(problem: Diagnostic): void {
    this.say({ type: 'diagnostic', problem });
  }

  warning(message: string): void {
    this.say({ type: 'warning', message });
  }

  attach(name: string, content: string | Uint8Array): void {
    this.say({ type: 'attachment', name, content });
  }

  exec(request: ExecRequest, listener: ExecListener): () => void {
    const { id } = this;
    const { processes, recollection, services, service } = this.hears;
    if (this.hasEnded) {
      listener.error(serializeError(new TreadleError('E_CANCELLED', 'The step has ended; it cannot start a command any more.')));
      return () => undefined;
    }
    const isService = request.lifetime === 'run';
    if (isService) recollection?.noteService(id);
    // What a service says later belongs to the run that is under way then.
    const hear = (remark: ServiceRemark): void => (services === undefined ? service(id, remark) : services.say(id, remark));
    const heard = (stream: 'stdout' | 'stderr', text: string): void =>
      isService ? hear({ type: 'output', stream, text }) : this.tell({ type: 'output', stream, text });
    return processes.exec(id, request, {
      started: (pid) => listener.started(pid),
      line: (line, stream) => listener.line(line, stream),
      exit: (result) => listener.exit(result),
      error: (error) => listener.error(error),
      endedByItself: (exitCode, message) => hear({ type: 'ended', exitCode, message }),
      ...(request.show ? { output: heard } : {}),
    });
  }

  private say(remark: StepRemark): void {
    if (!this.hasEnded) this.tell(remark);
  }

  private tell(remark: StepRemark): void {
    this.hears.recollection?.note(this.id, remark);
    sayRemark(this.id, remark, this.hears);
  }
}

/** Makes an event of what a step says, or said in an earlier run. */
export function sayRemark(id: string, remark: StepRemark, { emit, attachments }: Pick<StepHears, 'emit' | 'attachments'>): void {
  switch (remark.type) {
    case 'output':
      return emit({ type: 'step:output', id, stream: remark.stream, text: remark.text });
    case 'test':
      return emit({ type: 'step:test', id, ...remark.result });
    case 'diagnostic':
      return emit({ type: 'step:diagnostic', id, ...remark.problem });
    case 'warning':
      return emit({ type: 'step:warning', id, message: remark.message });
    case 'attachment':
      return emit(attachment(id, remark, attachments));
  }
}

/** A disk that is full, or may not be written to, is no reason for a step to fail, much less for a run. */
function attachment(id: string, { name, content }: StepRemark & { readonly type: 'attachment' }, attachments: Attachments): RunEventBody {
  try {
    return { type: 'step:attachment', id, name, ...attachments.write(id, name, content) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { type: 'step:warning', id, message: `The attachment "${name}" is not kept: ${reason}` };
  }
}
