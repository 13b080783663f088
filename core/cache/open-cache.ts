import type { Recall, StepInput, StepMemory } from '../contract/memory.ts';
import type { PlanNode } from '../contract/plan.ts';
import type { StepCacheOptions } from './step-cache.ts';

/** The cache for a run; `undefined` when no step of its plan could use one. Its code is loaded with the first step that does. */
export function openCache(plan: PlanNode, options: StepCacheOptions): StepMemory | undefined {
  if (!hasInputs(plan)) return undefined;
  let opened: Promise<StepMemory> | undefined;
  const open = (): Promise<StepMemory> => (opened ??= import('./step-cache.ts').then(({ StepCache }) => new StepCache(options)));
  return {
    recall: (input) => (input.node.inputs === undefined ? undefined : open().then((cache) => cache.recall(input))),
    remember: async (input, record) => (await open()).remember(input, record) ?? undefined,
    forget: (stepId) => void opened?.then((cache) => cache.forget(stepId)),
    close: async () => (await opened)?.close?.(),
  };
}

/** Two memories as one: the second is asked for what the first does not hold. */
export function inTurn(first: StepMemory, second: StepMemory): StepMemory {
  return {
    recall: async (input: StepInput): Promise<Recall | undefined> => {
      const recall = await first.recall(input);
      if (recall?.record !== undefined) return recall;
      const later = await second.recall(input);
      if (later?.record !== undefined) first.adopt?.(input, later.record);
      if (later?.record !== undefined || recall === undefined) return later;
      return { ...recall, ...(later?.warning === undefined ? {} : { warning: later.warning }) };
    },
    remember: async (input, record) => {
      const warning = await first.remember(input, record);
      const kept = record.leavesService === true ? undefined : await second.remember(input, record);
      return kept ?? warning ?? undefined;
    },
    forget: (stepId) => {
      first.forget(stepId);
      second.forget(stepId);
    },
    ...(first.keepsService === undefined ? {} : { keepsService: (stepId) => first.keepsService?.(stepId) ?? false }),
    close: async () => {
      await first.close?.();
      await second.close?.();
    },
  };
}

function hasInputs(node: PlanNode): boolean {
  return node.kind === 'step' ? node.inputs !== undefined : node.children.some(hasInputs);
}
