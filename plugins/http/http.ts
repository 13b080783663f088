import { definePlugin, TreadleError, type PipelineContext } from '../../core/index.ts';
import { describe, type Mismatch, show } from '../checks/mismatch.ts';
import { jsonOf, unmetExpectations } from './expectations.ts';
import { httpOptions, type HttpOptions } from './options.ts';
import { exchange, type Exchange, methodOf, toTarget } from './request.ts';

/**
 * Sends an HTTP request and checks the response.
 *
 * @throws `E_ASSERTION`, listing all that is not as expected; `E_STEP_FAILED` when there is no response; `E_TIMEOUT`.
 * @example
 * http('health', { url: 'http://127.0.0.1:4173/health', expect: { status: 200, json: { ok: true }, latencyMs: 200 } })
 */
export const http = definePlugin({
  name: 'http',
  description: 'Send an HTTP request and check the response',
  executor: 'inline',
  options: httpOptions,
  run: runHttp,
});

async function runHttp(context: PipelineContext, options: HttpOptions): Promise<void> {
  const target = toTarget(context, options.url);
  const response = await exchange(context, options, target);
  const request = `${methodOf(options)} ${target.url}`;
  context.log(`${request}: ${response.status} in ${Math.round(response.latencyMs)} ms`);
  if (options.saveAs !== undefined) context.results[options.saveAs] = toResult(response);
  const unmet = unmetExpectations(options.expect, response);
  if (unmet.length > 0) throw notAsExpected(request, response, unmet);
}

function toResult({ status, headers, body, latencyMs }: Exchange): object {
  const json = jsonOf(body);
  return {
    status,
    headers: Object.fromEntries(headers),
    body,
    latencyMs: Math.round(latencyMs),
    ...(json === undefined ? {} : { json: json.value }),
  };
}

function notAsExpected(request: string, response: Exchange, unmet: readonly Mismatch[]): TreadleError {
  const count = unmet.length === 1 ? '1 expectation' : `${unmet.length} expectations`;
  // Why a server refuses often stands in the body.
  const body = unmet.some(({ what }) => what === 'status') && response.body !== '' ? `\n  The body: ${show(response.body)}` : '';
  const list = unmet.map((mismatch) => `\n  ${describe(mismatch)}`).join('');
  return new TreadleError('E_ASSERTION', `${request}: ${count} not met${list}${body}`, {
    props: { status: response.status, unmet: unmet.map((mismatch) => ({ ...mismatch })) },
  });
}
