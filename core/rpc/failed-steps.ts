import type { RunEvent } from '../contract/events.ts';
import type { Plan, PlanNode } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';

/** Remembers which steps of each pipeline failed and have not passed since. */
export class FailedSteps {
  private readonly failed = new Map<string, ReadonlySet<string>>();

  /** Those that the pipeline still has. */
  of(pipeline: string, plan: Plan): readonly string[] {
    const failed = this.failed.get(pipeline);
    return failed === undefined || failed.size === 0 ? [] : stepIds(plan).filter((id) => failed.has(id));
  }

  /** What became of each step of a run that ended. */
  note(pipeline: string, outcome: RunOutcome): void {
    // A whole run that passed leaves nothing to mend, whatever it skipped.
    const failed = new Set(outcome.whole && outcome.status === 'passed' ? [] : this.failed.get(pipeline));
    for (const [id, status] of outcome.steps) {
      if (status === 'failed' || status === 'timed-out') failed.add(id);
      // A step that another failure, or a person, kept from running is as it was.
      else if (status === 'passed') failed.delete(id);
    }
    this.failed.set(pipeline, failed);
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

function stepIds(node: PlanNode): readonly string[] {
  return node.kind === 'step' ? [node.id] : node.children.flatMap(stepIds);
}
