import type { ExecListener, ExecRequest, StepHost } from '../../contract/executor.ts';
import type { Diagnostic, TestResult } from '../../contract/events.ts';
import { outsideStepScope } from './step-scope.ts';

/** A host that does not inherit the step's scope: a reporter that prints is not the step. */
export class OutsideHost implements StepHost {
  private readonly host: StepHost;

  constructor(host: StepHost) {
    this.host = host;
  }

  progress(percent: number, message?: string): void {
    outsideStepScope(() => this.host.progress(percent, message));
  }

  output(stream: 'stdout' | 'stderr', text: string): void {
    outsideStepScope(() => this.host.output(stream, text));
  }

  test(result: TestResult): void {
    outsideStepScope(() => this.host.test(result));
  }

  diagnostic(problem: Diagnostic): void {
    outsideStepScope(() => this.host.diagnostic(problem));
  }

  warning(message: string): void {
    outsideStepScope(() => this.host.warning(message));
  }

  attach(name: string, content: string | Uint8Array): void {
    outsideStepScope(() => this.host.attach(name, content));
  }

  /** Listeners call back into the step's own code, which keeps its scope because promises do. */
  exec(request: ExecRequest, listener: ExecListener): () => void {
    return outsideStepScope(() => this.host.exec(request, listener));
  }
}
