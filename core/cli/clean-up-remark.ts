import type { RunEvent } from '../contract/events.ts';

/** Says why a run goes on that was stopped: steps with `when: 'always'` still run. */
export class CleanUpRemark {
  private readonly always: ReadonlySet<string>;
  private readonly tell: (reason: string, stepIds: readonly string[]) => void;
  private readonly running = new Set<string>();
  private reason: string | undefined;
  private said = '';

  /** @param always - ids of those steps */
  constructor(always: readonly string[], tell: (reason: string, stepIds: readonly string[]) => void) {
    this.always = new Set(always);
    this.tell = tell;
  }

  /** The run was stopped. */
  stopped(reason: string): void {
    this.reason = reason;
    this.say();
  }

  note(event: RunEvent): void {
    if (event.type === 'step:end') this.running.delete(event.id);
    if (event.type !== 'step:start' || !this.always.has(event.id) || this.running.has(event.id)) return;
    this.running.add(event.id);
    this.say();
  }

  private say(): void {
    if (this.reason === undefined || this.running.size === 0) return;
    const said = JSON.stringify([this.reason, ...this.running]);
    if (said !== this.said)
      this.tell(
        this.reason,
        [...this.always].filter((id) => this.running.has(id)),
      );
    this.said = said;
  }
}
