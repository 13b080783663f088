import { dirname } from 'node:path';
import { findConfig } from '../../config/find-config.ts';
import { TreadleError, type ExitCode } from '../../contract/errors.ts';
import { stepIds } from '../../contract/plan.ts';
import { listRunFiles } from '../../history/run-folder.ts';
import { storedRuns, type RunDigest } from '../../history/run-digest.ts';
import { stepStatistics, type StepStatistics } from '../../history/step-statistics.ts';
import { suggest } from '../../model/suggest.ts';
import type { Console } from '../console.ts';
import type { HistoryFlags } from '../flags.ts';
import { renderRuns } from '../history/runs-table.ts';
import { renderStep, renderSteps } from '../history/steps-table.ts';
import { failuresOf } from '../history/words.ts';
import { locateProject } from '../project-location.ts';

const usualLimit = 20;

/** `treadle history`: earlier runs, or how their steps did over time. */
export async function showHistory(names: readonly string[], flags: HistoryFlags, console: Console): Promise<ExitCode> {
  const { cwd, configFile } = locateProject(flags);
  const root = dirname(findConfig(cwd, configFile));
  // A name may be of any of them.
  const needsAll = names.length > 0 || (flags.steps === true && flags.limit === undefined);
  const runs = [...(needsAll ? storedRuns(root) : storedRuns(root).take(flags.limit ?? usualLimit))];
  const { pipelines, steps } = sortNames(names, runs);
  const chosen = pipelines.size === 0 ? runs : runs.filter(({ pipeline }) => pipelines.has(pipeline));
  const wantsSteps = flags.steps === true || steps.size > 0;
  const some = chosen.slice(0, flags.limit ?? (wantsSteps ? undefined : usualLimit));
  const statistics = wantsSteps ? stepStatistics(some).filter(({ id }) => steps.size === 0 || steps.has(id)) : [];
  if (flags.json === true) {
    const document = wantsSteps ? { steps: statistics.map(stepDocument) } : { runs: some.map(runDocument) };
    console.out.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return 0;
  }
  const style = { paint: console.out.paint, width: console.out.isTerminal ? console.out.columns : 120 };
  if (runs.length === 0) console.out.write('No runs are kept yet.\n');
  else if (steps.size > 0) console.out.write(statistics.map((step) => renderStep(step, style)).join('\n'));
  else if (wantsSteps) console.out.write(renderSteps(statistics, style));
  else {
    console.out.write(renderRuns(some, style));
    const all = needsAll ? chosen.length : listRunFiles(root).length;
    if (all > some.length) console.out.write(console.out.paint('dim', `\n${all - some.length} earlier: --limit ${all}\n`));
  }
  return 0;
}

/**
 * Which names are pipelines, and which are steps.
 *
 * @throws `E_STEP_UNKNOWN` for one that is neither
 */
function sortNames(
  names: readonly string[],
  runs: readonly RunDigest[],
): { readonly pipelines: ReadonlySet<string>; readonly steps: ReadonlySet<string> } {
  const pipelines = new Set(runs.map(({ pipeline }) => pipeline));
  const steps = new Set(names.length === 0 ? [] : runs.flatMap(({ plan }) => stepIds(plan)));
  for (const name of names) {
    if (pipelines.has(name) || steps.has(name)) continue;
    const near = suggest(name, [...pipelines, ...steps]);
    throw new TreadleError('E_STEP_UNKNOWN', `No kept run has a pipeline or step "${name}".`, {
      hint: near === undefined ? 'treadle history --steps shows all of them.' : `Did you mean "${near}"?`,
    });
  }
  return {
    pipelines: new Set(names.filter((name) => pipelines.has(name))),
    steps: new Set(names.filter((name) => !pipelines.has(name))),
  };
}

function runDocument(run: RunDigest): unknown {
  const { runId, file, pipeline, startedAt, status, durationMs, counts, unfinished } = run;
  const failures = failuresOf(run).map(({ id, status: how, message }) => ({ id, status: how, message }));
  return { runId, pipeline, startedAt: new Date(startedAt).toISOString(), status, durationMs, counts, failures, unfinished, file };
}

function stepDocument({ runs, ...step }: StepStatistics): unknown {
  return {
    ...step,
    runs: runs.map(({ run, step: { status, durationMs, attempts, flaky, message } }) => ({
      runId: run.runId,
      startedAt: new Date(run.startedAt).toISOString(),
      status,
      durationMs,
      attempts,
      flaky,
      message,
    })),
  };
}
