import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import type { InitializeParams, RpcServerNotifications } from '../contract/rpc.ts';
import { ActiveRuns } from './active-runs.ts';
import { ProjectHost } from './project-host.ts';
import { WatchedPipelines } from './watched-pipelines.ts';

/** Teardown must end even if something cannot be stopped, in milliseconds. */
const stopLimitMs = 5000;

/** What there is once the editor has introduced itself. */
export interface Session {
  readonly project: ProjectHost;
  readonly runs: ActiveRuns;
  readonly watch: WatchedPipelines;
}

/** How a session tells the editor something. */
export interface Voice {
  /** Resolves when it is written, or cannot be. */
  notify<Method extends keyof RpcServerNotifications>(method: Method, params: RpcServerNotifications[Method]): Promise<void>;
  log(level: RpcServerNotifications['log']['level'], message: string): Promise<void>;
}

/**
 * Opens the editor's project; it is loaded when it is first asked for.
 *
 * @throws `E_USAGE` when there is no such folder.
 */
export function openSession({ cwd, configFile }: InitializeParams, { notify, log }: Voice): Session {
  if (!isAbsolute(cwd)) throw new TreadleError('E_USAGE', `initialize, cwd: "${cwd}" must be an absolute path.`);
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TreadleError('E_USAGE', `initialize, cwd: there is no folder "${cwd}".`);
  }
  const project = new ProjectHost(configFile === undefined ? { cwd } : { cwd, configFile }, (state) => {
    void notify('project/changed', state);
  });
  const runs = new ActiveRuns({
    engine: () => project.current(),
    sendEvents: (batch) => notify('run/events', batch),
    sendEnd: (end) => void notify('run/end', end),
    sendStop: (runId) => void notify('watch/stop', { runId }),
    report: (message) => void log('warning', message),
    keptOf: (pipeline) => watch.keptOf(pipeline),
    forgetChanges: (pipeline) => watch.forgetChanges(pipeline),
    endIdleServices: (except) => watch.endIdleServices(except),
  });
  const watch: WatchedPipelines = new WatchedPipelines(
    { project, runs },
    {
      announce: (run) => void notify('watch/run', run),
      loop: (loop) => void notify('watch/loop', loop),
      report: (message) => void log('error', message),
    },
  );
  return { project, runs, watch };
}

/** Stops all runs and ends the project's threads; resolves to whether that could be done in time. */
export async function stopSession({ project, runs, watch }: Session): Promise<boolean> {
  const watchClosed = watch.close();
  const limit = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => {
    runs.killNow();
    limit.resolve(false);
  }, stopLimitMs);
  const stopped = runs.close().then(async () => {
    await watchClosed;
    await project.close();
    return true;
  });
  const clean = await Promise.race([stopped, limit.promise]);
  clearTimeout(timer);
  return clean;
}
