import type { ChildNode, ExecutorName, GroupNode, Plan, SequenceNode } from '../contract/plan.ts';
import type { SourceLocation } from '../contract/status.ts';
import type { CallSite, Duration, GroupDefinition, PipelineDefinition, StepDefinition } from './definition.ts';
import type { BranchDraft, Draft } from './draft.ts';
import { parseDuration } from './duration.ts';
import { claim, deriveIds, givenIds } from './node-ids.ts';
import { problemsError } from './problem.ts';
import { DefinitionReader } from './read-definition.ts';
import { executorOf, stepNode } from './step-node.ts';
import { shareWeights, type WeightTree } from './weights.ts';

export interface BuildPlanOptions {
  /** The pipeline's name: it becomes the id of the root, as long as no step has it. */
  readonly name: string;
  /** Finds the source that a call site stands for. */
  readonly locate?: (callSite: CallSite) => SourceLocation | undefined;
  /** Goes before the pipeline's own `executor`. */
  readonly defaultExecutor?: ExecutorName;
  /** What the plugin of a step says about where it runs. */
  readonly executorOf?: (step: StepDefinition) => ExecutorName | undefined;
}

/** A plan, and the definitions of its steps by id. */
export interface BuiltPlan {
  readonly plan: Plan;
  readonly steps: ReadonlyMap<string, StepDefinition>;
}

/**
 * Makes the immutable plan of a pipeline.
 *
 * The root's id is the pipeline's name, or `NAME#2` where a step or group has that id. Groups without an id are named
 * after what is in them: `all(types,lint)`.
 *
 * @throws `E_CONFIG_INVALID` with all problems as `errors`, or a single problem as itself: `E_STEP_DUPLICATE` for one id used twice.
 */
export function buildPlan(definition: PipelineDefinition, options: BuildPlanOptions): BuiltPlan {
  const reader = new DefinitionReader(options.locate ?? (() => undefined));
  const children = reader.pipeline(definition, options.name);
  const given = givenIds(children, reader.problems);
  const [first, ...others] = reader.problems;
  if (first !== undefined) throw problemsError(`The pipeline "${options.name}"`, [first, ...others]);
  const steps = new Map<string, StepDefinition>();
  for (const [id, draft] of given) if (draft.kind === 'step') steps.set(id, draft.definition);
  return { plan: planOf(definition, children, given, options), steps };
}

function planOf(
  definition: PipelineDefinition,
  children: readonly Draft[],
  given: ReadonlyMap<string, Draft>,
  options: BuildPlanOptions,
): Plan {
  const { description, timeout, concurrency, maxFailures, failOnFlaky, executor, secrets } = definition.settings;
  const ids = deriveIds(children, given);
  const root: WeightTree = { children };
  const weights = shareWeights(root);
  const maker = new NodeMaker(ids, weights, options, options.defaultExecutor ?? executor ?? 'threads');
  const location = definition.callSite === undefined ? undefined : options.locate?.(definition.callSite);
  return Object.freeze({
    kind: 'pipeline',
    id: claim(options.name, new Set(ids.values())),
    ...(description === undefined ? {} : { description }),
    weight: 100,
    ...timeoutOf(timeout),
    failFast: definition.settings.failFast ?? maxFailures === undefined,
    ...(maxFailures === undefined ? {} : { maxFailures }),
    ...(failOnFlaky === undefined ? {} : { failOnFlaky }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(secrets === undefined ? {} : { secrets }),
    ...(location === undefined ? {} : { location }),
    children: maker.all(children),
  });
}

class NodeMaker {
  private readonly ids: ReadonlyMap<Draft, string>;
  private readonly weights: ReadonlyMap<WeightTree, number>;
  private readonly options: BuildPlanOptions;
  private readonly executor: ExecutorName;

  constructor(
    ids: ReadonlyMap<Draft, string>,
    weights: ReadonlyMap<WeightTree, number>,
    options: BuildPlanOptions,
    executor: ExecutorName,
  ) {
    this.ids = ids;
    this.weights = weights;
    this.options = options;
    this.executor = executor;
  }

  all(drafts: readonly Draft[]): readonly ChildNode[] {
    return Object.freeze(drafts.map((draft) => this.node(draft)));
  }

  private node(draft: Draft): ChildNode {
    const weight = this.weights.get(draft) ?? 0;
    if (draft.kind === 'branch') return this.branch(draft, weight);
    return stepNode(draft, weight, executorOf(draft.definition, this.options.executorOf?.(draft.definition), this.executor));
  }

  private branch(draft: BranchDraft, weight: number): GroupNode | SequenceNode {
    const { definition, location } = draft;
    const { description, timeout } = definition.settings;
    const base = {
      id: this.ids.get(draft) ?? '',
      ...(description === undefined ? {} : { description }),
      weight,
      ...timeoutOf(timeout),
      ...(location === undefined ? {} : { location }),
    };
    const children = this.all(draft.children);
    if (definition.kind === 'sequence') return Object.freeze({ kind: 'sequence', ...base, children });
    const { settle = 'all', onConflict = 'last', maxWorkers } = definition.settings;
    return Object.freeze({
      kind: 'group',
      ...base,
      operator: definition.operator,
      required: requiredOf(definition),
      settle,
      onConflict,
      ...(maxWorkers === undefined ? {} : { maxWorkers }),
      children,
    });
  }
}

function requiredOf({ operator, settings, children }: GroupDefinition): number {
  if (operator === 'any') return 1;
  return operator === 'atLeast' ? (settings.count ?? children.length) : children.length;
}

function timeoutOf(timeout: Duration | undefined): { readonly timeoutMs?: number } {
  return timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, 'timeout') };
}
