import { type MessagePort, threadId } from 'node:worker_threads';
import { reviveError, serializeError } from '../../context/errors.ts';
import { TreadleError } from '../../contract/errors.ts';
import type { ErrorChunk, ErrorCode } from '../../contract/errors.ts';
import type { Environment, Outcome } from '../../contract/executor.ts';
import type { Layer, Patch } from '../../contract/snapshot.ts';
import { forgoCallSites, loadRunnable } from '../../plugins/runnable.ts';
import { runStep } from '../run-step.ts';
import { StepSignal } from '../step-signal.ts';
import type { Board } from './board.ts';
import { BlobCache } from './blob-cache.ts';
import { captureChildOutput } from './child-output.ts';
import { countResources, describeOpenResources } from './open-resources.ts';
import { captureOutput } from './output-capture.ts';
import type { AttemptMessage, Lease, Scope, ThreadCommand, ThreadMessage } from './protocol.ts';
import { RemoteHost } from './remote-host.ts';
import { heardNews, stayAwake } from './stay-awake.ts';

// The entry of a thread: tinypool calls the default export once for each lease.

interface Running {
  readonly task: number;
  readonly stepId: string;
  readonly cwd: string;
  readonly host: RemoteHost;
  readonly signal: StepSignal;
  /** Ends the attempt from outside its code. */
  readonly crash: (error: TreadleError) => void;
}

const blobs = new BlobCache();
let running: Running | undefined;
/** Kept after its end, so that late output and errors still find the step that caused them. */
let latest: Running | undefined;
let baseline: ReadonlyMap<string, number> | undefined;

process.setSourceMapsEnabled(true);
forgoCallSites();
const attribute = (stream: 'stdout' | 'stderr', text: string): void => (running ?? latest)?.host.output(stream, text);
captureOutput(attribute);
captureChildOutput(attribute);
guardAgainstCrashes();

/** Serves attempts until the lease ends. */
export default function serve({ port, board }: Lease): Promise<void> {
  const ended = Promise.withResolvers<void>();
  port.on('message', (command: ThreadCommand) => {
    heardNews();
    if (command.type === 'run') void runAttempt(command, port, board);
    else if (command.type === 'end') {
      port.close();
      ended.resolve();
    } else if (running?.task === command.task) {
      if (command.type === 'abort') running.signal.abort(reviveError(command.error));
      else running.host.onCommand(command);
    }
  });
  port.unref();
  const hello: ThreadMessage = { type: 'hello', thread: threadId };
  port.postMessage(hello);
  return ended.promise;
}

async function runAttempt(message: AttemptMessage, port: MessagePort, board: Board): Promise<void> {
  const host = new RemoteHost(port, board, message.task);
  if (message.blobs !== undefined) blobs.keep(message.blobs);
  if (!blobs.hasAll([message.code, message.scope, ...message.layers, ...(message.errors ?? [])])) return host.post({ type: 'needs-blobs' });
  baseline ??= countResources();

  const scope = blobs.get<Scope>(message.scope);
  const signal = new StepSignal();
  const crashed = Promise.withResolvers<Outcome>();
  const crash = (error: TreadleError): void =>
    crashed.resolve({ status: 'failed', error: serializeError(error, { stepId: message.stepId, root: scope.cwd }) });
  running = latest = { task: message.task, stepId: message.stepId, cwd: scope.cwd, host, signal, crash };
  const restoreEnvironment = applyEnvironment(message.env, message.mark);

  const code = blobs.get<Parameters<typeof loadRunnable>[0]>(message.code);
  const ended = runStep({
    assignment: {
      stepId: message.stepId,
      ...(message.description === undefined ? {} : { description: message.description }),
      attempt: message.attempt,
      code,
      results: { layers: message.layers.map((id) => blobs.get<Layer>(id)) },
      config: scope.config,
      errors: message.errors?.map((id) => blobs.get<ErrorChunk>(id)) ?? [],
      cwd: scope.cwd,
    },
    env: message.env === undefined ? scope.baseEnv : { ...scope.baseEnv, ...message.env },
    host,
    signal,
    load: () => loadRunnable(code, message.stepId),
  });
  // One turn of the loop, so that a rejection that nobody awaits is still this step's.
  const outcome = await Promise.race([ended.then(nextTurn), crashed.promise]);
  const stillOpen = await openAfterStep(baseline);
  const wasCrash = await Promise.race([crashed.promise, Promise.resolve(undefined)]);
  running = undefined;
  restoreEnvironment();
  if (stillOpen !== undefined || wasCrash !== undefined) {
    if (stillOpen !== undefined && wasCrash === undefined) {
      host.warning(`It left ${stillOpen} open. Its thread is replaced, so that the steps that follow are not disturbed.`);
    }
    // The thread is not used again: the main thread terminates it when this arrives.
    host.post({ type: 'last', outcome: wasCrash ?? outcome });
    return;
  }
  host.end(outcome.status === 'passed' && outcome.value === undefined && isEmpty(outcome.patch) ? undefined : outcome);
  stayAwake();
}

function isEmpty(patch: Patch): boolean {
  return patch.changes.size === 0 && patch.looked !== true;
}

/** One turn of the event loop; node:timers/promises takes several times as long. */
function nextTurn<T>(value: T): Promise<T> {
  return new Promise((resolve) => setImmediate(resolve, value));
}

/** Sets variables for the step's own code and for processes that it starts by itself. */
function applyEnvironment(...own: readonly (Environment | undefined)[]): () => void {
  const before = new Map<string, string | undefined>();
  for (const variables of own) {
    for (const [name, value] of Object.entries(variables ?? {})) {
      before.set(name, process.env[name]);
      process.env[name] = value;
    }
  }
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** What a step left open, after it had a moment to close. */
async function openAfterStep(base: ReadonlyMap<string, number>): Promise<string | undefined> {
  let open = describeOpenResources(base);
  for (let turn = 0; open !== undefined && turn < 50; turn += 1) {
    await nextTurn(undefined);
    open = describeOpenResources(base);
  }
  return open;
}

function guardAgainstCrashes(): void {
  const crash = (code: ErrorCode, message: string, cause: unknown): void => {
    const step = running;
    if (step !== undefined) step.crash(new TreadleError(code, message, { cause }));
    else latest?.host.warning(`After its end: ${message}`);
  };
  process.on('uncaughtException', (thrown: unknown) => crash('E_UNCAUGHT', `Uncaught error: ${messageOf(thrown)}`, thrown));
  process.on('unhandledRejection', (thrown) => crash('E_UNHANDLED_REJECTION', `Unhandled rejection: ${messageOf(thrown)}`, thrown));
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const step = running;
    if (step !== undefined) {
      const error = new TreadleError('E_PROCESS_EXIT', `The step called process.exit(${String(code ?? '')}).`);
      step.host.post({
        type: 'last',
        outcome: { status: 'failed', error: serializeError(error, { stepId: step.stepId, root: step.cwd }) },
      });
    }
    return exit(code);
  };
}

function messageOf(thrown: unknown): string {
  return serializeError(thrown).message;
}
