import type { Environment } from '../contract/executor.ts';
import type { Plan } from '../contract/plan.ts';
import { Mask } from './mask.ts';
import { planSecrets, secretValues } from './secret-values.ts';

/** A text to be shown that belongs to no run, such as why a pipeline file cannot be loaded. */
export function withoutSecrets(text: string, env: NodeJS.ProcessEnv): string {
  return new Mask(secretValues([present(env)], [])).text(text);
}

/** A plan to be shown: its options and the environment of its steps may hold secrets. */
export function planWithoutSecrets(plan: Plan, env: NodeJS.ProcessEnv): Plan {
  return new Mask(planSecrets(plan, present(env))).data(plan);
}

function present(env: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
