import type { Operator } from '../contract/plan.ts';
import { callSiteOf } from './call-site.ts';
import type { ParallelSettings } from './classic.ts';
import type {
  CallSite,
  GroupDefinition,
  GroupSettings,
  Misuse,
  PipelineDefinition,
  PipelineSettings,
  SequenceDefinition,
  SequenceSettings,
  StepDefinition,
  StepFunction,
  StepInput,
  StepSettings,
  StepUse,
} from './definition.ts';
import { misusedList, misusedStep } from './misuse.ts';

/** One for all steps without any: an object each would be a tenth of what a step takes. */
const noSettings: StepSettings = Object.freeze({});

// Builders accept whatever they are given: all that is wrong is reported together, with its place, when the plan is built.

/**
 * Makes a pipeline of steps that run in order; a nested list is a parallel group. Make it the default export of `treadle.config.ts`.
 *
 * @example
 * export default definePipeline([
 *   shell('install', { command: 'npm ci' }),
 *   [shell('types', { command: 'tsc' }), shell('lint', { command: 'oxlint' })],
 * ]);
 */
export function definePipeline(steps: readonly StepInput[], settings: PipelineSettings = {}): PipelineDefinition {
  const misuse = misusedList('definePipeline', steps);
  return { kind: 'pipeline', children: misuse === undefined ? steps : [], settings, ...origin(misuse) };
}

/**
 * Makes a step of a function, or of a plugin that is found by name.
 *
 * @example
 * step('summary', (context) => { context.results.ok = true; }, { timeout: '5s' });
 * step('docs', { uses: 'my-plugin', with: { depth: 3 }, retries: 1 });
 */
export function step(id: string, run: StepFunction, settings?: StepSettings): StepDefinition;
export function step(id: string, use: StepUse): StepDefinition;
export function step(id: string, work: StepFunction | StepUse, settings: StepSettings = noSettings): StepDefinition {
  const misuse = misusedStep(id, work);
  if (misuse !== undefined) return { kind: 'step', id, settings, ...origin(misuse) };
  if (typeof work === 'function') return { kind: 'step', id, settings, run: work, ...origin() };
  const { uses, with: options, ...own } = work;
  return { kind: 'step', id, settings: { ...own, ...settings }, uses, ...(options === undefined ? {} : { with: options }), ...origin() };
}

/** Steps that run concurrently and must all pass; the same as a nested list, with settings. */
export function all(steps: readonly StepInput[], settings: GroupSettings = {}): GroupDefinition {
  return group('all', steps, settings);
}

/**
 * Steps that run concurrently, of which one must pass.
 *
 * @example
 * any([http('primary', { url }), http('mirror', { url: other })], { id: 'reachable', settle: 'first' });
 */
export function any(steps: readonly StepInput[], settings: GroupSettings = {}): GroupDefinition {
  return group('any', steps, settings);
}

/** Steps that run concurrently, of which `count` must pass. */
export function atLeast(count: number, steps: readonly StepInput[], settings: GroupSettings = {}): GroupDefinition {
  return group('atLeast', steps, { ...settings, count });
}

/** Steps that run in order, for use inside a group. */
export function sequence(steps: readonly StepInput[], settings: SequenceSettings = {}): SequenceDefinition {
  const misuse = misusedList('sequence', steps);
  return { kind: 'sequence', children: misuse === undefined ? steps : [], settings, ...origin(misuse) };
}

const operators: ReadonlyMap<string, Operator> = new Map([
  ['and', 'all'],
  ['or', 'any'],
  ['all', 'all'],
  ['any', 'any'],
  ['atLeast', 'atLeast'],
]);

/**
 * A parallel group whose operator is a setting, as in the original API.
 *
 * @param config - A `ParallelConfig`, or its settings. Default: all must pass.
 */
export function parallel(steps: readonly StepInput[], config: ParallelSettings = {}): GroupDefinition {
  const { operator: named = 'all', ...settings } = config;
  const operator = operators.get(named);
  if (operator !== undefined) return group(operator, steps, settings, 'parallel');
  // One that does not exist stays in the settings, where it is reported.
  return group('all', steps, config as GroupSettings, 'parallel');
}

function group(operator: Operator, steps: readonly StepInput[], settings: GroupSettings, call: string = operator): GroupDefinition {
  const misuse = misusedList(call, steps);
  return { kind: 'group', operator, children: misuse === undefined ? steps : [], settings, ...origin(misuse) };
}

function origin(misuse?: Misuse): { readonly callSite?: CallSite; readonly misuse?: Misuse } {
  const callSite = callSiteOf();
  return { ...(callSite === undefined ? {} : { callSite }), ...(misuse === undefined ? {} : { misuse }) };
}
