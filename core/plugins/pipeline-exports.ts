import type { PipelineDefinition, StepDefinition, StepInput, StepObject } from '../model/definition.ts';

/** Name of a pipeline that is exported alone and has no name of its own. */
export const defaultPipelineName = 'default';

/** The pipelines that a default export holds, by name; `undefined` where it holds anything else. */
export function pipelinesIn(exported: unknown): ReadonlyMap<string, PipelineDefinition> | undefined {
  const single = pipelineIn(exported);
  if (single !== undefined) return new Map([[nameOf(single), single]]);
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported)) return undefined;
  const named = new Map<string, PipelineDefinition>();
  for (const [name, value] of Object.entries(exported)) {
    const pipeline = pipelineIn(value);
    if (pipeline === undefined) return undefined;
    named.set(name, pipeline);
  }
  return named.size === 0 ? undefined : named;
}

function nameOf({ settings: { name } }: PipelineDefinition): string {
  // A name of another type is reported with the plan.
  return typeof name === 'string' ? name : defaultPipelineName;
}

/** A pipeline as `definePipeline` gives it, or inside an instance of `Pipeline`. */
function pipelineIn(value: unknown): PipelineDefinition | undefined {
  if (isPipelineDefinition(value)) return value;
  if (typeof value !== 'object' || value === null || !('definition' in value)) return undefined;
  return isPipelineDefinition(value.definition) ? value.definition : undefined;
}

/** Whether a value came from `definePipeline`; what its list holds is checked with the plan. */
export function isPipelineDefinition(value: unknown): value is PipelineDefinition {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'pipeline' &&
    'children' in value &&
    Array.isArray(value.children) &&
    'settings' in value &&
    typeof value.settings === 'object' &&
    value.settings !== null
  );
}

/**
 * All steps below some children, in declared order; what is no step is passed over. So is a list inside itself: it is
 * reported with the plan, as is one that is nested too deep, for whose sake this does not recurse.
 */
export function* stepsIn(children: readonly StepInput[]): Iterable<StepDefinition | StepObject> {
  const enclosing = new Set([children]);
  const open = [{ list: children, next: 0 }];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.next >= top.list.length) {
      enclosing.delete(top.list);
      open.pop();
      continue;
    }
    const child = top.list[top.next];
    top.next += 1;
    if (typeof child !== 'object' || child === null) continue;
    const inner = childrenOf(child);
    if (inner !== undefined) {
      if (!enclosing.has(inner)) open.push({ list: inner, next: 0 });
      enclosing.add(inner);
    } else if (isStepDefinition(child) || ('run' in child && typeof child.run === 'function')) yield child;
  }
}

function childrenOf(child: StepInput): readonly StepInput[] | undefined {
  if (isList(child)) return child;
  return 'children' in child ? (Array.isArray(child.children) ? child.children : []) : undefined;
}

function isList(child: StepInput): child is readonly StepInput[] {
  return Array.isArray(child);
}

/** Tells a step made by a builder, whole, from an object that is a step by having `run`. */
export function isStepDefinition(step: StepInput): step is StepDefinition {
  return 'kind' in step && step.kind === 'step' && 'settings' in step && typeof step.settings === 'object' && step.settings !== null;
}
