import type { RunEventBody } from '../contract/events.ts';
import type { ServiceRemark } from '../contract/executor.ts';
import type { StepRemark } from '../contract/memory.ts';
import type { Status } from '../contract/status.ts';

/** What {@link ServiceNews} needs to know of a run. */
export interface ServiceNewsOptions {
  readonly emit: (event: RunEventBody) => void;
  readonly note: (id: string, remark: StepRemark) => void;
  /** A step's status once it has ended; `running` or `pending` before. */
  readonly statusOf: (id: string) => Status | 'running' | 'pending';
}

/** Makes events of what services say that a run, or one before it, has started. */
export class ServiceNews {
  private readonly options: ServiceNewsOptions;
  /** Of services that ended before their step did. */
  private readonly untold = new Map<string, string>();
  private isOver = false;

  constructor(options: ServiceNewsOptions) {
    this.options = options;
  }

  readonly hear = (id: string, remark: ServiceRemark): void => {
    const status = this.options.statusOf(id);
    if (this.isOver || status === 'skipped' || status === 'pending') return;
    if (remark.type === 'output') {
      this.options.note(id, remark);
      this.options.emit({ type: 'step:output', id, stream: remark.stream, text: remark.text });
    } else if (status === 'passed') {
      this.warn(id, remark.message);
    } else if (status === 'running' && remark.exitCode !== 0) {
      // The step may be about to fail for it, or to pass without having noticed.
      this.untold.set(id, remark.message);
    }
  };

  /** What a failed attempt started is said of the error; another attempt follows. */
  attemptFailed(id: string): void {
    this.untold.delete(id);
  }

  stepEnded(id: string, status: Status): void {
    const message = this.untold.get(id);
    this.untold.delete(id);
    if (message !== undefined && status === 'passed') this.warn(id, message);
  }

  /** Nothing more is said. */
  close(): void {
    this.isOver = true;
  }

  private warn(id: string, message: string): void {
    this.options.emit({ type: 'step:warning', id, message });
  }
}
