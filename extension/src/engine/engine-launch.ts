import { basename, dirname } from 'node:path';
import type { InitializeParams, ProjectState, RunEnd, WatchLoop } from '../../../core/contract/rpc.ts';
import type { Patience } from './engine-connection.ts';
import { EngineSession } from './engine-session.ts';
import type { EngineLocation } from './locate-engine.ts';
import type { RunFeed } from './run-feed.ts';

/** A log as the editor has it. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What an engine is started for, and who hears what it says. */
export interface Launch {
  readonly label: string;
  readonly configFile: string;
  readonly client: InitializeParams['client'];
  readonly log: Log;
  /** Writes down that an engine runs; returns what takes it back. */
  readonly record: (pid: number) => Promise<() => Promise<void>>;
  readonly feed: RunFeed;
  readonly onLoop: (loop: WatchLoop) => void;
  readonly onProject: (state: ProjectState) => void;
  /** Told before the log is. */
  readonly report: (text: string) => void;
  readonly onRunEnd?: (end: RunEnd) => void;
  /** Absent while a person steps through the engine. */
  readonly patience: Patience | undefined;
  readonly startLimitMs: number;
}

/** Starts an engine; its `initialize` comes next. */
export function launchEngine({ treadle, node, command }: EngineLocation, launch: Launch): EngineSession {
  const { label, configFile, client, log, record, feed, onLoop, onProject, report, onRunEnd, patience, startLimitMs } = launch;
  log.info(`${label}: Treadle ${treadle.version} (${treadle.folder}) with Node.js ${node.version} (${node.path}, ${node.why})`);
  const session = new EngineSession({
    command,
    client,
    cwd: dirname(configFile),
    configFile: basename(configFile),
    coreVersion: treadle.version,
    listener: {
      'run/events': (batch) => feed.take(batch),
      'run/end': (end) => {
        feed.end(end);
        onRunEnd?.(end);
      },
      'watch/run': (run) => feed.begin(run, { trigger: { kind: 'save', files: run.files }, only: [], affected: run.affected }),
      'watch/loop': onLoop,
      'watch/stop': ({ runId }) => feed.stopping(runId),
      'project/changed': onProject,
      log: ({ level, message }) => log[level === 'warning' ? 'warn' : level](`${label}: ${message}`),
    },
    report: (text) => {
      report(text);
      log.warn(`${label}: ${text.trimEnd()}`);
    },
    patience,
    startLimitMs,
  });
  const recorded = session.pid === undefined ? undefined : record(session.pid).catch(() => undefined);
  void session.ended.then(async () => (await recorded)?.());
  return session;
}
