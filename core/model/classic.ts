import type { PipelineContext } from '../contract/context.ts';
import type { OnConflict, Operator, Settle } from '../contract/plan.ts';
import { callSiteOf } from './call-site.ts';
import type { CallSite, Duration, GroupSettings, StepObject } from './definition.ts';

/** Marks steps written as classes, whichever copy of Treadle they come from. */
const stepBrand = Symbol.for('treadle.step');

const callSites = new WeakMap<object, CallSite>();

// An interface, so that subclasses may write these as fields or as getters, and none of them hides a getter.
export interface PipelineStep {
  readonly description?: string;
  /** For each attempt. Default: none. */
  readonly timeout?: Duration;
  /** Further attempts after a failure, timeout or crash. Default: 0. */
  readonly retries?: number;
  /** Whether the run fails with the step. Default: true. */
  readonly critical?: boolean;
}

/**
 * A step as a class. An instance goes wherever a step may stand; the class itself can be the default export of a plugin.
 *
 * @example
 * class Load extends PipelineStep {
 *   readonly id = 'load';
 *   override readonly timeout = '30s';
 *   async run(context: PipelineContext) { context.results.rows = await readRows(); }
 * }
 */
export abstract class PipelineStep implements StepObject {
  /** Unique in its pipeline. */
  abstract readonly id: string;

  constructor() {
    const callSite = callSiteOf();
    if (callSite !== undefined) callSites.set(this, callSite);
  }

  abstract run(context: PipelineContext): unknown;
}
Object.defineProperty(PipelineStep.prototype, stepBrand, { value: true });

/** Where an instance of {@link PipelineStep} was made. */
export function callSiteOfStep(step: object): CallSite | undefined {
  return callSites.get(step);
}

/** What decides whether a group of the original API passes: `AND` is `all`, `OR` is `any`. */
export const LogicOperator = { AND: 'and', OR: 'or' } as const;
export type LogicOperator = (typeof LogicOperator)[keyof typeof LogicOperator];

/** Settings of {@link ParallelConfig}: those of a group, whose operator may be of the original API. */
export interface ParallelSettings extends Omit<GroupSettings, 'operator'> {
  /** Default: `LogicOperator.AND`. */
  readonly operator?: LogicOperator | Operator;
}

/**
 * Settings of a parallel group, as in the original API. Unlike there, a timeout without a unit is in milliseconds.
 *
 * @example
 * parallel([first, second], new ParallelConfig({ operator: LogicOperator.OR, timeout: '30s' }));
 */
export class ParallelConfig implements ParallelSettings {
  declare readonly id?: string;
  declare readonly description?: string;
  declare readonly operator?: LogicOperator | Operator;
  declare readonly timeout?: Duration;
  declare readonly maxWorkers?: number;
  declare readonly count?: number;
  declare readonly settle?: Settle;
  declare readonly onConflict?: OnConflict;
  declare readonly weight?: number;

  constructor(settings: ParallelSettings);
  constructor(operator?: LogicOperator | Operator, timeout?: Duration);
  constructor(first: ParallelSettings | LogicOperator | Operator = {}, timeout?: Duration) {
    const settings = typeof first === 'string' ? { operator: first } : first;
    Object.assign(this, settings, timeout === undefined ? {} : { timeout });
  }
}
