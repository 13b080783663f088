import * as v from 'valibot';
import { definePlugin, type PipelineContext } from '../core/index.ts';
import { duration, toMilliseconds } from './duration.ts';
import { insideProject } from './project-path.ts';
import { fileProbe } from './readiness/file.ts';
import { port, portProbe, toAddress } from './readiness/port.ts';
import type { Probe } from './readiness/probe.ts';
import { urlProbe, webAddress } from './readiness/url.ts';
import { waitUntilReady } from './readiness/wait-until-ready.ts';

/** Options of {@link waitFor}. */
export const waitForOptions = v.pipe(
  v.strictObject({
    port: v.optional(v.pipe(port, v.description('A port of this machine, or host:port, that must accept connections.'))),
    url: v.optional(v.pipe(webAddress, v.description('Must answer with a status below 400.'))),
    file: v.optional(v.pipe(v.string(), v.description('Must exist; relative to the project.'))),
    timeout: v.optional(v.pipe(duration, v.description("How long to wait. Default: '30s'.")), '30s'),
    interval: v.optional(v.pipe(duration, v.description("Pause after the first look; it grows by half each time. Default: '50ms'.")), 50),
    maxInterval: v.optional(v.pipe(duration, v.description("Longest pause between looks. Default: '1s'.")), 1000),
  }),
  v.check(
    (options) => [options.port, options.url, options.file].some((target) => target !== undefined),
    'name a port, a url or a file to wait for',
  ),
);

type WaitForOptions = v.InferOutput<typeof waitForOptions>;

/**
 * Waits until a port, a URL and a file are there: all that are named.
 *
 * @throws `E_TIMEOUT`, saying what was wrong last; `E_PATH_OUTSIDE`.
 * @example
 * waitFor('api', { url: 'http://127.0.0.1:4173/health', timeout: '1m' })
 */
export const waitFor = definePlugin({
  name: 'wait-for',
  description: 'Wait for a port, a URL or a file',
  executor: 'inline',
  options: waitForOptions,
  run: async (context, options) => {
    const probes = probesOf(context, options);
    await waitUntilReady(probes, {
      signal: context.signal,
      timeoutMs: toMilliseconds(options.timeout),
      pauseMs: toMilliseconds(options.interval),
      longestPauseMs: Math.max(toMilliseconds(options.maxInterval), toMilliseconds(options.interval)),
      timeoutOption: 'the timeout option',
      onWaiting: (ready, message) => context.updateStepProgress((ready / probes.length) * 100, message),
    });
  },
});

function probesOf(context: PipelineContext, options: WaitForOptions): readonly Probe[] {
  const probes: Probe[] = [];
  if (options.port !== undefined) probes.push(portProbe(toAddress(options.port)));
  if (options.url !== undefined) probes.push(urlProbe(options.url));
  if (options.file !== undefined) probes.push(fileProbe(context.cwd, insideProject(context.cwd, options.file, 'file')));
  return probes;
}
