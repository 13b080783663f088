import type { ProjectRecord, StoreView } from '../store/records.ts';
import type { RunOrder } from '../store/run-control.ts';

/** The type of these tasks in tasks.json. */
export const taskType = 'treadle';

/** A task as it stands in tasks.json. */
export interface TreadleTask {
  readonly type: typeof taskType;
  /** Default: the project's default pipeline. */
  readonly pipeline?: string;
  /** Ids of steps and groups. Default: all. */
  readonly steps?: readonly string[];
  /** The pipeline file, relative to the workspace folder. Default: the only one there, or that at its root. */
  readonly config?: string;
}

/** Reads what a person wrote. */
export function readTask(value: object): TreadleTask {
  const task: { readonly pipeline?: unknown; readonly steps?: unknown; readonly config?: unknown } = value;
  const { pipeline, steps, config } = task;
  return {
    type: taskType,
    ...(typeof pipeline === 'string' ? { pipeline } : {}),
    ...(Array.isArray(steps) ? { steps: steps.filter((step) => typeof step === 'string') } : {}),
    ...(typeof config === 'string' ? { config } : {}),
  };
}

/** What a task asks for, or what keeps it from being done. */
export type TaskOrder =
  | { readonly kind: 'order'; readonly order: RunOrder }
  | { readonly kind: 'no-project'; readonly config: string | undefined }
  | { readonly kind: 'no-pipeline'; readonly name: string | undefined; readonly names: readonly string[] };

/**
 * @param relativePath - of a pipeline file to the task's folder, with `/`; `undefined` for those elsewhere
 */
export function orderOf(task: TreadleTask, store: StoreView, relativePath: (project: ProjectRecord) => string | undefined): TaskOrder {
  const candidates = store.projects
    .map((project) => ({ project, path: relativePath(project) }))
    .filter((candidate): candidate is { project: ProjectRecord; path: string } => candidate.path !== undefined);
  const wanted = task.config?.replace(/^\.\//, '');
  const chosen =
    wanted === undefined
      ? (candidates.find(({ path }) => !path.includes('/')) ?? (candidates.length === 1 ? candidates[0] : undefined))
      : candidates.find(({ path }) => path === wanted);
  if (chosen === undefined) return { kind: 'no-project', config: task.config };
  const { pipelines, key } = chosen.project;
  const pipeline =
    task.pipeline === undefined
      ? (pipelines.find(({ isDefault }) => isDefault) ?? (pipelines.length === 1 ? pipelines[0] : undefined))
      : pipelines.find(({ name }) => name === task.pipeline);
  if (pipeline === undefined) return { kind: 'no-pipeline', name: task.pipeline, names: pipelines.map(({ name }) => name) };
  const { steps = [] } = task;
  return { kind: 'order', order: { project: key, pipeline: pipeline.name, ...(steps.length === 0 ? {} : { only: steps }) } };
}
