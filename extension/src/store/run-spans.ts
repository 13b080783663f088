import type { RunEvent } from '../../../core/contract/events.ts';
import type { RunSpan } from './records.ts';

/** The attempts and groups of one run, in the order in which they began. */
export class RunSpans {
  private readonly spans: RunSpan[] = [];
  /** Where the span of what is running lies. */
  private readonly open = new Map<string, number>();
  private isChanged = false;

  take(event: RunEvent): void {
    switch (event.type) {
      case 'group:start':
        this.begin({ nodeId: event.id, kind: 'group', attempt: 1, startedAt: event.ts, state: 'running' });
        break;
      case 'step:start':
        this.begin({
          nodeId: event.id,
          kind: 'step',
          attempt: event.attempt,
          startedAt: event.ts,
          state: 'running',
          ...(event.why === undefined ? {} : { why: event.why }),
        });
        break;
      case 'step:test':
        this.count(event.id, event.status === 'failed');
        break;
      case 'step:retry':
        this.close(event.id, { endedAt: event.ts, state: 'retried', thread: event.thread });
        break;
      case 'step:end':
        this.close(event.id, {
          endedAt: event.ts,
          state: event.status,
          ...{ thread: event.thread, cached: event.cached, error: event.error },
        });
        break;
      case 'group:end':
        this.close(event.id, { endedAt: event.ts, state: event.status });
        break;
      default:
        break;
    }
  }

  /** Ends what still seems to run. */
  closeAll(endedAt: number, state: 'cancelled' | 'interrupted'): void {
    for (const nodeId of this.open.keys()) this.close(nodeId, { endedAt, state });
  }

  /** A list of its own, where there is something new since it was asked for last. */
  settle(): readonly RunSpan[] | undefined {
    if (!this.isChanged) return undefined;
    this.isChanged = false;
    return [...this.spans];
  }

  private begin(span: RunSpan): void {
    this.open.set(span.nodeId, this.spans.push(span) - 1);
    this.isChanged = true;
  }

  private count(nodeId: string, failed: boolean): void {
    const index = this.open.get(nodeId);
    const span = index === undefined ? undefined : this.spans[index];
    if (index === undefined || span === undefined) return;
    const { tests = { all: 0, failed: 0 } } = span;
    this.spans[index] = { ...span, tests: { all: tests.all + 1, failed: tests.failed + (failed ? 1 : 0) } };
    this.isChanged = true;
  }

  private close(nodeId: string, changes: Pick<RunSpan, 'endedAt' | 'state' | 'thread' | 'cached' | 'error'>): void {
    const index = this.open.get(nodeId);
    const span = index === undefined ? undefined : this.spans[index];
    if (index === undefined || span === undefined) return;
    this.open.delete(nodeId);
    this.spans[index] = { ...span, ...changes };
    this.isChanged = true;
  }
}
