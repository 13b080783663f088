import { TreadleError } from './contract/errors.ts';
import { type Plan, stepsIn } from './contract/plan.ts';
import { environmentOfStep } from './executors/inline/step-scope.ts';
import { markOwner } from './executors/processes/cookie.ts';

/** Tells a Treadle that a step starts which runs it is part of: JSON, the outermost first. */
const variable = 'TREADLE_OUTER_RUNS';

/** A run, as those inside of it know it. */
export interface OuterRun {
  /** What the marks of its processes are made of. */
  readonly runId: string;
  readonly configFile: string;
  readonly pipeline: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process; in code of a step that runs inline, that of the step, which holds it. */
function presentEnvironment(): Environment {
  return environmentOfStep() ?? process.env;
}

/** The variables that tell the steps of a run which runs they are part of. */
export function outerRunsEnvironment(run: OuterRun): { readonly [name: string]: string } {
  return { [variable]: JSON.stringify([...outerRuns(presentEnvironment()), run]) };
}

/** For an editor that a step started: what people run there is no part of the step's run. */
export function forgetOuterRuns(): void {
  delete process.env[variable];
}

/**
 * Refuses a run that begins with the step that it is started by, which would never end: a step `test` that runs
 * `npm test`, where that is `treadle`. A step with a `when` function may know better.
 *
 * @throws `E_USAGE`
 */
export function refuseEndless({ configFile, pipeline }: Omit<OuterRun, 'runId'>, plan: () => Plan): void {
  const env = presentEnvironment();
  for (const outer of outerRuns(env)) {
    if (outer.configFile !== configFile || outer.pipeline !== pipeline) continue;
    const owner = markOwner(outer.runId, env);
    const step = stepsIn(plan()).find(({ id, when }) => id === owner && when !== 'function');
    if (step === undefined) continue;
    throw new TreadleError('E_USAGE', `Step "${step.id}" runs the pipeline "${pipeline}" that it is a step of, which would never end.`, {
      stepId: step.id,
      hint: 'Let it run the tool itself instead of a script that runs treadle, or choose other steps with --only.',
      ...(step.location === undefined ? {} : { location: step.location }),
    });
  }
}

function outerRuns(env: Environment): readonly OuterRun[] {
  try {
    const runs: unknown = JSON.parse(env[variable] ?? '[]');
    return Array.isArray(runs) ? runs.filter(isOuterRun) : [];
  } catch {
    // Somebody else's variable.
    return [];
  }
}

function isOuterRun(value: unknown): value is OuterRun {
  if (typeof value !== 'object' || value === null) return false;
  return ['runId', 'configFile', 'pipeline'].every((key) => typeof Object.entries(value).find(([name]) => name === key)?.[1] === 'string');
}
