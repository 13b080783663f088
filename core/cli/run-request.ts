import { isTreadleError, TreadleError } from '../contract/errors.ts';
import type { Project } from '../config/load-project.ts';
import type { RunRequest } from '../engine.ts';
import { parseDuration } from '../model/duration.ts';
import type { Console } from './console.ts';
import { applyParams, misspeltParams, parseParam, type Param } from './params.ts';
import type { RunFlags } from './flags.ts';

/** What of a run can be told before the project is loaded; mistakes in it are usage errors. */
export interface RunWishes {
  readonly timeoutMs: number | undefined;
  readonly params: readonly Param[];
}

/** Reads an option that is a duration. */
export function parseMilliseconds(text: string, option: string): number {
  try {
    return parseDuration(/^\d+$/.test(text) ? Number(text) : text, option);
  } catch (error) {
    if (!isTreadleError(error)) throw error;
    throw new TreadleError('E_USAGE', `${option}: "${text}" is no duration.`, { hint: 'Such as 500ms, 30s, 2m or 1h.' });
  }
}

/** Reads the options whose values have a form of their own. */
export function readWishes(flags: RunFlags): RunWishes {
  return {
    timeoutMs: flags.timeout === undefined ? undefined : parseMilliseconds(flags.timeout, '--timeout'),
    params: (flags.param ?? []).map(parseParam),
  };
}

/** What the engine is asked to do. */
export function toRequest(project: Project, pipeline: string | undefined, flags: RunFlags, wishes: RunWishes): RunRequest {
  return {
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.from === undefined ? {} : { from: flags.from }),
    ...(flags.concurrency === undefined ? {} : { concurrency: flags.concurrency }),
    ...(wishes.timeoutMs === undefined ? {} : { timeoutMs: wishes.timeoutMs }),
    ...(flags.failFast === undefined ? {} : { failFast: flags.failFast }),
    ...(flags.maxFailures === undefined ? {} : { maxFailures: flags.maxFailures }),
    ...(flags.failOnFlaky === undefined ? {} : { failOnFlaky: flags.failOnFlaky }),
    ...(flags.executor === undefined ? {} : { executor: flags.executor }),
    cache: flags.cache === false ? 'off' : flags.force === true ? 'refresh' : 'use',
    ...(wishes.params.length === 0 ? {} : { params: applyParams(configOf(project, pipeline), wishes.params) }),
  };
}

/** Warns of parameters that are probably misspelt. */
export function warnOfMisspelt(projects: readonly Project[], pipeline: string | undefined, { params }: RunWishes, console: Console): void {
  const configs = projects.map((project) => configOf(project, pipeline));
  for (const message of misspeltParams(configs, params)) console.err.say(`treadle: ${message}\n`);
}

function configOf({ pipelines }: Project, pipeline: string | undefined): Readonly<Record<string, unknown>> {
  const [only] = pipelines.size === 1 ? pipelines.values() : [pipelines.get('default')];
  return (pipeline === undefined ? only : pipelines.get(pipeline))?.config ?? {};
}
