import { AsyncLocalStorage } from 'node:async_hooks';
import { TreadleError } from '../../contract/errors.ts';
import { serializeError } from '../../context/errors.ts';

/** A step that runs in the main thread, as seen by code that it reaches through globals. */
export interface InlineStep {
  readonly id: string;
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

/** Runs the engine's own code, called from inside a step, outside of the step's scope. */
export function outsideStepScope<T>(body: () => T): T {
  return current.exit(body);
}

/** Guards the process's globals while steps run inline; call the returned function when they no longer do. */
export function guardGlobals(): () => void {
  users += 1;
  restore ??= install();
  let released = false;
  return () => {
    if (released) return;
    released = true;
    users -= 1;
    if (users > 0) return;
    restore?.();
    restore = undefined;
  };
}

function install(): () => void {
  const undo = [redirect(process.stdout, 'stdout'), redirect(process.stderr, 'stderr'), guardExit()];
  const onUncaught = (thrown: unknown): void => blame('E_UNCAUGHT', 'Uncaught error', thrown);
  const onRejection = (thrown: unknown): void => blame('E_UNHANDLED_REJECTION', 'Unhandled rejection', thrown);
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onRejection);
  undo.push(() => {
    process.off('uncaughtException', onUncaught);
    process.off('unhandledRejection', onRejection);
  });
  return () => {
    for (const step of undo) step();
  };
}

function blame(code: 'E_UNCAUGHT' | 'E_UNHANDLED_REJECTION', what: string, thrown: unknown): void {
  const step = current.getStore();
  if (step !== undefined) {
    step.crash(new TreadleError(code, `${what}: ${serializeError(thrown).message}`, { cause: thrown }));
    return;
  }
  // Not a step's: what would have happened without the guard, unless somebody else listens.
  const event = code === 'E_UNCAUGHT' ? 'uncaughtException' : 'unhandledRejection';
  if (process.listenerCount(event) > 1) return;
  process.stderr.write(`${what}: ${serializeError(thrown).stack ?? String(thrown)}\n`);
  process.exit(3);
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
