import { AsyncLocalStorage } from 'node:async_hooks';
import { TreadleError } from '../../contract/errors.ts';
import type { Environment } from '../../contract/executor.ts';
import { serializeError } from '../../context/errors.ts';

/** A step that runs in the main thread, as seen by code that it reaches through globals. */
export interface InlineStep {
  /** What it would have in `process.env` if it had a process of its own. */
  readonly environment: Environment;
  output(stream: 'stdout' | 'stderr', text: string): void;
  crash(error: TreadleError): void;
}

const current = new AsyncLocalStorage<InlineStep>();
let users = 0;
let restore: (() => void) | undefined;

/** Runs a step's code so that what it prints, throws outside its promise, or exits is attributed to it. */
export function inStepScope<T>(step: InlineStep, body: () => T): T {
  return current.run(step, body);
}

/** The environment of the step whose code this is; `undefined` outside of steps. */
export function environmentOfStep(): Environment | undefined {
  return current.getStore()?.environment;
}

/** Runs the engine's own code, called from inside a step, outside of the step's scope. */
export function outsideStepScope<T>(body: () => T): T {
  return current.exit(body);
}

/** Guards the process's globals while steps run inline; each call wants one of {@link releaseGlobals}. */
export function guardGlobals(): void {
  users += 1;
  restore ??= install();
}

/** One step fewer runs inline: without any, the process has its globals back. */
export function releaseGlobals(): void {
  users -= 1;
  if (users > 0) return;
  restore?.();
  restore = undefined;
}

function install(): () => void {
  const undo = [redirect(process.stdout, 'stdout'), redirect(process.stderr, 'stderr'), guardExit()];
  undo.push(takeOver('uncaughtException', 'E_UNCAUGHT', 'Uncaught error'));
  undo.push(takeOver('unhandledRejection', 'E_UNHANDLED_REJECTION', 'Unhandled rejection'));
  return () => {
    for (const step of undo) step();
  };
}

/** Hears of an error before anybody else does: a step's own is nobody else's business, all others are passed on. */
function takeOver(
  event: 'uncaughtException' | 'unhandledRejection',
  code: 'E_UNCAUGHT' | 'E_UNHANDLED_REJECTION',
  what: string,
): () => void {
  const others = process.rawListeners(event);
  process.removeAllListeners(event);
  const listen = (thrown: unknown, ...rest: unknown[]): void => {
    const step = current.getStore();
    if (step !== undefined) {
      step.crash(new TreadleError(code, `${what}: ${serializeError(thrown).message}`, { cause: thrown }));
    } else if (others.length > 0) {
      for (const listener of others) Reflect.apply(listener, process, [thrown, ...rest]);
    } else {
      // What Node does where nobody listens.
      process.stderr.write(`${what}: ${serializeError(thrown).stack ?? String(thrown)}\n`);
      process.exit(1);
    }
  };
  process.on(event, listen);
  return () => {
    process.off(event, listen);
    for (const listener of others) Reflect.apply(process.on, process, [event, listener]);
  };
}

function redirect(stream: NodeJS.WriteStream, name: 'stdout' | 'stderr'): () => void {
  const original = stream.write;
  const write = (
    chunk: string | Uint8Array,
    encodingOrCallback?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ): boolean => {
    const step = current.getStore();
    if (step === undefined) return Reflect.apply(original, stream, [chunk, encodingOrCallback, callback]);
    step.output(name, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const done = typeof encodingOrCallback === 'function' ? encodingOrCallback : callback;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  stream.write = write;
  return () => {
    if (stream.write === write) stream.write = original;
  };
}

function guardExit(): () => void {
  const original = process.exit;
  const guarded: typeof process.exit = (code) => {
    const step = current.getStore();
    if (step === undefined) return original.call(process, code);
    const error = new TreadleError('E_PROCESS_EXIT', `The step called process.exit(${String(code ?? '')}).`);
    step.crash(error);
    throw error;
  };
  process.exit = guarded;
  return () => {
    if (process.exit === guarded) process.exit = original;
  };
}
