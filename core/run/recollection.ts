import type { Diagnostic, TestResult } from '../contract/events.ts';
import type { StepInput, StepMemory, StepRecord } from '../contract/memory.ts';
import type { Patch } from '../contract/snapshot.ts';

interface Attempted {
  readonly input: StepInput;
  readonly tests: TestResult[];
  readonly diagnostics: Diagnostic[];
  /** Whether it left something that runs on: a service cannot be had again by remembering it. */
  leftService: boolean;
}

/** A run's dealings with the memory of earlier runs: asks it before a step, and tells it how the step went. */
export class Recollection {
  private readonly memory: StepMemory;
  private readonly attempted = new Map<string, Attempted>();
  private readonly recalled = new Set<string>();

  constructor(memory: StepMemory) {
    this.memory = memory;
  }

  /** What the step left in an earlier run, when that still holds. Otherwise what it does from now on is noted. */
  recall(input: StepInput): StepRecord | undefined {
    const record = this.memory.recall(input);
    if (record === undefined) this.attempted.set(input.node.id, { input, tests: [], diagnostics: [], leftService: false });
    else this.recalled.add(input.node.id);
    return record;
  }

  noteTest(id: string, result: TestResult): void {
    this.attempted.get(id)?.tests.push(result);
  }

  noteDiagnostic(id: string, problem: Diagnostic): void {
    this.attempted.get(id)?.diagnostics.push(problem);
  }

  noteService(id: string): void {
    const attempted = this.attempted.get(id);
    if (attempted !== undefined) attempted.leftService = true;
  }

  /** The step ended; `patch` when it passed at its first attempt. True when it did not run but was remembered. */
  ended(id: string, durationMs: number, patch: Patch | undefined): boolean {
    if (this.recalled.has(id)) return true;
    const attempted = this.attempted.get(id);
    if (attempted === undefined) return false;
    this.attempted.delete(id);
    const { input, tests, diagnostics, leftService } = attempted;
    if (patch === undefined || leftService) this.memory.forget(id);
    else this.memory.remember(input, { patch, tests, diagnostics, durationMs });
    return false;
  }
}
