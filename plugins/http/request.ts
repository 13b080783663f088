import { TreadleError, type PipelineContext } from '../../core/index.ts';
import { showDuration, toMilliseconds } from '../duration.ts';
import { connectionProblem } from '../readiness/probe.ts';
import type { HttpOptions } from './options.ts';

/** A response that was read to its end. */
export interface Exchange {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: string;
  /** From sending the request until the body was read. */
  readonly latencyMs: number;
}

/** A body that goes on beyond this is no answer to check. */
const longestBody = 32 * 1024 * 1024;

/** The address that a request goes to, without the credentials that an URL may hold: those belong in a header. */
export interface Target {
  readonly url: string;
  readonly authorization: string | undefined;
}

/**
 * Reads the `url` option.
 *
 * @throws `E_STEP_FAILED` when it is no http or https URL.
 */
export function toTarget(context: PipelineContext, option: string): Target {
  const base = context.config['baseUrl'];
  const absolute = URL.canParse(option)
    ? option
    : typeof base === 'string' && URL.canParse(option, base)
      ? new URL(option, base).href
      : undefined;
  if (absolute === undefined || !/^https?:/.test(absolute)) {
    throw new TreadleError('E_STEP_FAILED', `url: ${JSON.stringify(option)} is no http or https URL.`, {
      hint: 'Write the whole URL, or set config.baseUrl for paths such as /health.',
    });
  }
  const url = new URL(absolute);
  if (url.username === '' && url.password === '') return { url: url.href, authorization: undefined };
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url: url.href, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/**
 * Sends a request and reads the response.
 *
 * @throws `E_STEP_FAILED` when there is none, `E_TIMEOUT` when it takes too long.
 */
export async function exchange(context: PipelineContext, options: HttpOptions, target: Target): Promise<Exchange> {
  const method = methodOf(options);
  const timeoutMs = toMilliseconds(options.timeout);
  const deadline = AbortSignal.timeout(timeoutMs);
  const sent = performance.now();
  try {
    const response = await fetch(target.url, {
      method,
      headers: headersOf(options, target),
      body: bodyOf(options),
      redirect: options.redirect,
      signal: AbortSignal.any([context.signal, deadline]),
    });
    const body = await readBody(response);
    const { status, statusText, headers } = response;
    return { status, statusText, headers, body, latencyMs: performance.now() - sent };
  } catch (error) {
    context.signal.throwIfAborted();
    if (deadline.aborted) {
      throw new TreadleError('E_TIMEOUT', `${method} ${target.url}: no answer after ${showDuration(timeoutMs)}`, {
        hint: 'Raise the timeout option, or find out why the server does not answer.',
      });
    }
    throw new TreadleError('E_STEP_FAILED', `${method} ${target.url}: ${connectionProblem(error)}`, { cause: error });
  }
}

export function methodOf({ method, body, json }: HttpOptions): string {
  return method?.toUpperCase() ?? (body === undefined && json === undefined ? 'GET' : 'POST');
}

function headersOf(options: HttpOptions, target: Target): Headers {
  // A connection of its own: one kept open could belong to a server that is gone.
  const headers = new Headers({ connection: 'close' });
  if (target.authorization !== undefined) headers.set('authorization', target.authorization);
  if (options.json !== undefined) headers.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
  return headers;
}

function bodyOf({ body, json }: HttpOptions): string | null {
  return json === undefined ? (body ?? null) : JSON.stringify(json);
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > longestBody) throw new Error('the body is larger than 32 MiB');
  }
  return text + decoder.decode();
}
