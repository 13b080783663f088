import type { RunParams, RunStarted } from '../../../core/contract/rpc.ts';
import type { RunOrigin } from '../store/store.ts';
import { unavailable } from './engine-error.ts';
import type { EngineSession, SessionOptions } from './engine-session.ts';
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
}

/** Attaches the editor's debugger; resolves to undefined when that does not work, of which the editor has told. */
export type AttachDebugger = (target: DebugTarget) => Promise<AttachedDebugger | undefined>;

/** An engine that runs once, under the debugger, and what it takes to start it. */
export interface DebuggedEngine {
  readonly session: EngineSession;
  readonly feed: RunFeed;
  readonly options: SessionOptions;
  /** The inspector's port, as soon as the engine has said it. */
  readonly port: Promise<number>;
}

/** How an engine that was asked to end may take its time. */
const graceMs = 2000;

/** Runs something in an engine of its own: it waits for the debugger first, and ends with the debugger or its run. */
export async function runDebugged(
  { session, feed, options, port }: DebuggedEngine,
  target: Omit<DebugTarget, 'port'>,
  attach: AttachDebugger,
  params: RunParams,
  origin: RunOrigin,
): Promise<RunStarted> {
  try {
    const gone = session.ended.then((reason) => {
      throw unavailable(reason);
    });
    const attached = await attach({ ...target, port: await Promise.race([port, gone]) });
    if (attached === undefined) throw unavailable('The debugger could not be attached.');
    void attached.ended.then(() => session.shutdown(graceMs));
    await session.initialize(options);
    const started = await session.request('run', params);
    feed.begin(started, origin);
    return started;
  } catch (thrown) {
    session.kill();
    throw thrown;
  }
}

/** Node.js says on standard error where its inspector listens. */
export function inspectorPort(text: string): number | undefined {
  const port = /Debugger listening on ws:\/\/[^/\s]*:(\d+)\//.exec(text)?.[1];
  return port === undefined ? undefined : Number(port);
}
