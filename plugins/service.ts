import { stripVTControlCharacters } from 'node:util';
import * as v from 'valibot';
import { definePlugin, TreadleError, type ExecResult, type PipelineContext } from '../core/index.ts';
import { commandOptions, isNotFound, lastOutput, placeOf, showCommand, showEnd } from './command-options.ts';
import { duration, toMilliseconds } from './duration.ts';
import { pattern, toRegExp } from './pattern.ts';
import { insideProject } from './project-path.ts';
import { fileProbe, fileState } from './readiness/file.ts';
import { type Address, port, portProbe, showAddress, toAddress, tryPort } from './readiness/port.ts';
import type { Probe } from './readiness/probe.ts';
import { localAddress, urlProbe, webAddress } from './readiness/url.ts';
import { waitUntilReady } from './readiness/wait-until-ready.ts';

/** Options of {@link service}. */
export const serviceOptions = v.strictObject({
  ...commandOptions,
  ready: v.optional(
    v.pipe(
      v.strictObject({
        port: v.optional(v.pipe(port, v.description('Ready when it accepts connections.'))),
        url: v.optional(v.pipe(webAddress, v.description('Ready when it answers with a status below 400.'))),
        log: v.optional(v.pipe(pattern, v.description('Ready when a line of its output matches. Named groups are kept with saveAs.'))),
        file: v.optional(v.pipe(v.string(), v.description('Ready when it has written this file; relative to the project.'))),
      }),
      v.description('What shows that it is ready: all that are named. Default: that it has started.'),
    ),
    {},
  ),
  readyTimeout: v.optional(v.pipe(duration, v.description("How long it may take to become ready. Default: '30s'.")), '30s'),
  saveAs: v.optional(v.pipe(v.string(), v.description('Key of results for { pid, url, port } and the named groups of ready.log.'))),
});

type ServiceOptions = v.InferOutput<typeof serviceOptions>;

/**
 * Starts a server, waits until it is ready and keeps it for the steps that follow. It is stopped, with all that it
 * started, when the run ends.
 *
 * @throws `E_STEP_FAILED` when its port is taken, `E_COMMAND_FAILED` when it exits before it is ready, `E_TIMEOUT` when it does not become ready.
 * @example
 * service('shop', { command: 'node server.js', ready: { url: 'http://127.0.0.1:4173/health' } })
 */
export const service = definePlugin({
  name: 'service',
  description: 'Start a server and keep it for the steps that follow',
  executor: 'inline',
  options: serviceOptions,
  run: runService,
});

async function runService(context: PipelineContext, options: ServiceOptions): Promise<void> {
  const place = placeOf(context, options);
  const { ready } = options;
  for (const address of addressesOf(options)) await assertFree(address, context.signal);
  const log = ready.log === undefined ? undefined : logProbe(toRegExp(ready.log));
  const probes = [...(log === undefined ? [] : [log.probe]), ...(await probesOf(context, ready))];

  const running = context.exec(options.command, {
    ...place,
    check: false,
    lifetime: 'run',
    ...(log === undefined ? {} : { onLine: log.line }),
  });
  const gone = new AbortController();
  const ended = Promise.resolve(running).then((result) => {
    const error = endedEarly(options, result);
    gone.abort(error);
    throw error;
  });
  try {
    const pid = await running.pid;
    await Promise.race([
      ended,
      waitUntilReady(probes, {
        signal: AbortSignal.any([context.signal, gone.signal]),
        timeoutMs: toMilliseconds(options.readyTimeout),
        pauseMs: 25,
        longestPauseMs: 500,
        timeoutOption: 'readyTimeout',
        onWaiting: (count, message) => context.updateStepProgress((count / probes.length) * 100, message),
      }),
    ]);
    if (options.saveAs !== undefined) context.results[options.saveAs] = { pid, ...whereabouts(options), ...log?.groups() };
  } catch (error) {
    running.kill();
    // A further attempt needs the port that this one holds until its process is gone.
    await ended.catch(() => undefined);
    throw error;
  } finally {
    // Later it is stopped with the run, and nobody waits for it.
    ended.catch(() => undefined);
  }
}

async function probesOf(context: PipelineContext, ready: ServiceOptions['ready']): Promise<readonly Probe[]> {
  const probes: Probe[] = [];
  if (ready.port !== undefined) probes.push(portProbe(toAddress(ready.port)));
  if (ready.url !== undefined) probes.push(urlProbe(ready.url));
  if (ready.file !== undefined) {
    const file = insideProject(context.cwd, ready.file, 'ready.file');
    probes.push(fileProbe(context.cwd, file, await fileState(file)));
  }
  return probes;
}

/** Looks at the output as it arrives. */
function logProbe(expected: RegExp): { probe: Probe; line(text: string): void; groups(): Readonly<Record<string, string>> } {
  const seen = Promise.withResolvers<undefined>();
  let match: RegExpExecArray | null = null;
  return {
    probe: {
      what: `a line of output that matches ${String(expected)}`,
      check: (signal) => Promise.race([seen.promise, aborted(signal)]),
    },
    line: (text) => {
      if (match !== null) return;
      match = expected.exec(stripVTControlCharacters(text));
      if (match !== null) seen.resolve(undefined);
    },
    groups: () => ({ ...match?.groups }),
  };
}

function aborted(signal: AbortSignal): Promise<string> {
  const problem = 'there was none yet';
  return new Promise((resolve) => {
    if (signal.aborted) resolve(problem);
    else signal.addEventListener('abort', () => resolve(problem), { once: true });
  });
}

/** Ports of this machine that the service is going to listen on. */
function addressesOf({ ready }: ServiceOptions): readonly Address[] {
  const fromUrl = ready.url === undefined ? undefined : localAddress(ready.url);
  return [...(ready.port === undefined ? [] : [toAddress(ready.port)]), ...(fromUrl === undefined ? [] : [fromUrl])];
}

async function assertFree(address: Address, signal: AbortSignal): Promise<void> {
  const problem = await tryPort(address, AbortSignal.any([signal, AbortSignal.timeout(2000)]));
  if (problem !== undefined) return;
  throw new TreadleError('E_STEP_FAILED', `Port ${showAddress(address)} is already taken by another process.`, {
    hint: `Stop that process (lsof -i :${address.port} names it), or let the service use another port.`,
  });
}

function endedEarly(options: ServiceOptions, result: ExecResult): TreadleError {
  const shown = showCommand(options.command);
  const said = lastOutput(result, 10);
  const code = isNotFound(result) ? 'E_COMMAND_NOT_FOUND' : 'E_COMMAND_FAILED';
  return new TreadleError(code, `\`${shown}\` ${showEnd(result)} before it was ready${said === '' ? '' : `:${said}`}`, {
    props: { command: shown, exitCode: result.exitCode, signal: result.signal },
  });
}

function whereabouts({ ready }: ServiceOptions): { readonly url?: string; readonly port?: number } {
  const address = ready.port === undefined ? (ready.url === undefined ? undefined : localAddress(ready.url)) : toAddress(ready.port);
  return { ...(ready.url === undefined ? {} : { url: ready.url }), ...(address === undefined ? {} : { port: address.port }) };
}
