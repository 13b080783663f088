import type { Processes } from '../contract/executor.ts';
import type { Recall, StepInput, StepMemory, StepRemark } from '../contract/memory.ts';
import type { Patch } from '../contract/snapshot.ts';
import type { Mask } from '../secrets/mask.ts';
import { maskRemarks } from './masked-events.ts';

/** So many characters of a step's output are kept, its last ones. */
const outputLimit = 1024 * 1024;

interface Attempted {
  readonly input: StepInput;
  readonly startedAt: number;
  said: StepRemark[];
  /** Characters of output in it. */
  output: number;
  /** Whether it left something that runs on: a service cannot be had again by remembering it. */
  leftService: boolean;
}

/** A run's dealings with the memory of earlier runs: asks it before a step, and tells it how the step went. */
export class Recollection {
  private readonly memory: StepMemory;
  private readonly attempted = new Map<string, Attempted>();
  private readonly recalled = new Set<string>();

  private readonly processes: Pick<Processes, 'serves' | 'endServices'>;
  private readonly mask: Mask;

  constructor(memory: StepMemory, processes: Pick<Processes, 'serves' | 'endServices'>, mask: Mask) {
    this.memory = memory;
    this.processes = processes;
    this.mask = mask;
  }

  /** What the step left in an earlier run, when that still holds. Otherwise what it does from now on is noted. */
  async recall(input: StepInput): Promise<Recall | undefined> {
    const answer = this.memory.recall(input);
    const { id } = input.node;
    let recall = answer instanceof Promise ? await answer : answer;
    if (recall?.record?.leavesService === true && !(await this.processes.serves(id))) {
      this.memory.forget(id);
      recall = { why: 'what it started has ended' };
    }
    // Its ports have to be free.
    if (recall?.record === undefined && (await this.processes.serves(id))) await this.processes.endServices(id);
    if (recall?.record !== undefined) this.recalled.add(id);
    else if (recall !== undefined) {
      this.attempted.set(id, { input, startedAt: performance.now(), said: [], output: 0, leftService: false });
    }
    return recall;
  }

  note(id: string, remark: StepRemark): void {
    const attempted = this.attempted.get(id);
    if (attempted === undefined) return;
    attempted.said.push(remark);
    if (remark.type !== 'output') return;
    attempted.output += remark.text.length;
    // Twice the limit, so that a long text is not cut with every addition to it.
    if (attempted.output > 2 * outputLimit) cut(attempted);
  }

  noteService(id: string): void {
    const attempted = this.attempted.get(id);
    if (attempted !== undefined) attempted.leftService = true;
  }

  /** The step passed at its first attempt. Resolves to a warning where it could not be remembered. */
  async passed(id: string, patch: Patch): Promise<string | undefined> {
    const attempted = this.attempted.get(id);
    if (attempted === undefined || (attempted.leftService && this.memory.keepsService === undefined)) return undefined;
    this.attempted.delete(id);
    cut(attempted);
    const { input, said, startedAt, leftService } = attempted;
    // It may be kept on disk.
    const record = {
      patch,
      said: maskRemarks(said, this.mask),
      durationMs: performance.now() - startedAt,
      ...(leftService ? { leavesService: true as const } : {}),
    };
    return (await this.memory.remember(input, record)) ?? undefined;
  }

  /** The step ended, whichever way. True when it did not run but was remembered. */
  ended(id: string): boolean {
    if (this.attempted.delete(id)) this.memory.forget(id);
    return this.recalled.has(id);
  }

  /** Whether the services that a step left stay up when the run is over. */
  keepsService(id: string): boolean {
    return this.memory.keepsService?.(id) ?? false;
  }

  async close(): Promise<void> {
    await this.memory.close?.();
  }
}

/** Leaves out the beginning of what was printed. */
function cut(attempted: Attempted): void {
  let excess = attempted.output - outputLimit;
  if (excess <= 0) return;
  attempted.said = attempted.said.flatMap((remark) => {
    if (remark.type !== 'output' || excess <= 0) return [remark];
    const gone = Math.min(excess, remark.text.length);
    excess -= gone;
    return gone === remark.text.length ? [] : [{ ...remark, text: remark.text.slice(gone) }];
  });
  attempted.output = Math.min(attempted.output, outputLimit);
}
