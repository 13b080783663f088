import type { RunParams, RunStarted } from '../../../core/contract/rpc.ts';
import type { RunOrigin } from '../store/store.ts';
import { unavailable } from './engine-error.ts';
import { launchEngine, type Launch } from './engine-launch.ts';
import type { EngineSession } from './engine-session.ts';
import type { EngineLocation } from './locate-engine.ts';
import type { RunFeed } from './run-feed.ts';

/** Where a debugger finds the engine. */
export interface DebugTarget {
  /** On 127.0.0.1. */
  readonly port: number;
  /** What is debugged, for a person. */
  readonly name: string;
  /** Absolute path of the pipeline file. */
  readonly configFile: string;
}

/** A debugger that is attached. */
export interface AttachedDebugger {
  /** Resolves when the person ends it, or when the engine does. */
  readonly ended: Promise<void>;
  /** Called when the engine is gone: a debugger does not always see that a process was killed. */
  detach(): void;
}

/**
 * Attaches the editor's debugger; resolves to undefined when that does not work, of which the editor has told.
 *
 * @param onStop - called when a person stops it, before it lets go of the engine: that must not run on
 */
export type AttachDebugger = (target: DebugTarget, onStop: () => void) => Promise<AttachedDebugger | undefined>;

/** An engine that runs once, under the debugger. */
export interface DebuggedEngine {
  readonly session: EngineSession;
  readonly feed: RunFeed;
  /** Resolves as soon as the engine has said where its inspector listens. */
  readonly target: Promise<DebugTarget>;
}

/** How long an engine that was asked to end may take, in milliseconds. */
const graceMs = 2000;

/** Starts an engine for one run, which ends it. */
export function startDebugged(location: EngineLocation, launch: Launch, target: Omit<DebugTarget, 'port'>): DebuggedEngine {
  const { command } = location;
  const found = Promise.withResolvers<DebugTarget>();
  // It stands still until the debugger has set its breakpoints and lets it go on.
  const inspected = { ...location, command: { ...command, args: ['--inspect-brk=127.0.0.1:0', ...command.args] } };
  const session = launchEngine(inspected, {
    ...launch,
    // The other engine tells of the project.
    onProject: () => undefined,
    onRunEnd: () => void session.shutdown(graceMs),
    report: (text) => {
      const port = inspectorPort(text);
      if (port !== undefined) found.resolve({ ...target, port });
    },
  });
  return { session, feed: launch.feed, target: found.promise };
}

/** Runs something once the debugger is attached; the engine ends with the debugger, too. */
export async function runDebugged(
  { session, feed, target }: DebuggedEngine,
  attach: AttachDebugger,
  params: RunParams,
  origin: RunOrigin,
): Promise<RunStarted> {
  try {
    const gone = session.ended.then((reason) => {
      throw unavailable(reason);
    });
    const attached = await attach(await Promise.race([target, gone]), () => session.kill());
    if (attached === undefined) throw unavailable('The debugger could not be attached.');
    void attached.ended.then(() => session.shutdown(graceMs));
    void session.ended.then(() => attached.detach());
    await session.initialize();
    const started = await session.request('run', params);
    feed.begin(started, origin);
    return started;
  } catch (thrown) {
    session.kill();
    throw thrown;
  }
}

/** Node.js says on standard error where its inspector listens. */
function inspectorPort(text: string): number | undefined {
  const port = /Debugger listening on ws:\/\/[^/\s]*:(\d+)\//.exec(text)?.[1];
  return port === undefined ? undefined : Number(port);
}
