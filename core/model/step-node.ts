import type { Backoff, ExecutorName, StepNode, When } from '../contract/plan.ts';
import type { BackoffSetting, Duration, StepDefinition, StepSettings } from './definition.ts';
import type { StepDraft } from './draft.ts';
import { parseDuration } from './duration.ts';
import { plainJson } from './plain-json.ts';

/** The node of a step whose settings are known to be sound. */
export function stepNode({ id, definition, location }: StepDraft, weight: number, executor: ExecutorName): StepNode {
  const { settings } = definition;
  const { description, timeout, env, inputs, outputs, memoryLimitMb } = settings;
  const uses = definition.uses ?? definition.plugin?.name;
  const options = definition.run === undefined ? plainJson(definition.with) : undefined;
  return Object.freeze({
    kind: 'step',
    id,
    ...(description === undefined ? {} : { description }),
    ...(uses === undefined ? {} : { uses }),
    ...(options === undefined ? {} : { with: options }),
    weight,
    executor,
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, 'timeout') }),
    retries: settings.retries ?? 0,
    backoff: backoffOf(settings.backoff),
    critical: settings.critical ?? true,
    when: whenOf(settings.when),
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(inputs === undefined ? {} : { inputs: [...inputs] }),
    ...(outputs === undefined ? {} : { outputs: [...outputs] }),
    ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }),
    ...(location === undefined ? {} : { location }),
  });
}

/** Where a step runs: what it says itself, then `inline` for a plugin that only waits, then the pipeline's choice. */
export function executorOf(definition: StepDefinition, plugins: ExecutorName | undefined, pipeline: ExecutorName): ExecutorName {
  const { executor } = definition.settings;
  if (executor !== undefined) return executor;
  return (plugins ?? definition.plugin?.executor) === 'inline' ? 'inline' : pipeline;
}

const noBackoff: Backoff = Object.freeze({ delayMs: 0, factor: 1, maxMs: 0 });
const defaultMax: Duration = '30s';

function backoffOf(setting: BackoffSetting | undefined): Backoff {
  if (setting === undefined) return noBackoff;
  if (typeof setting !== 'object') {
    const delayMs = parseDuration(setting, 'backoff');
    return { delayMs, factor: 1, maxMs: delayMs };
  }
  const delayMs = parseDuration(setting.delay, 'backoff.delay');
  // A first wait that is longer than the default maximum is meant as it stands.
  const maxMs =
    setting.max === undefined ? Math.max(delayMs, parseDuration(defaultMax, 'backoff.max')) : parseDuration(setting.max, 'backoff.max');
  return { delayMs, factor: setting.factor ?? 2, maxMs };
}

function whenOf(when: StepSettings['when']): When {
  if (typeof when === 'function') return 'function';
  if (typeof when === 'boolean') return when ? 'on-success' : 'never';
  return when ?? 'on-success';
}
