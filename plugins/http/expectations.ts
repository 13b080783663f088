import { below, type Mismatch, show } from '../checks/mismatch.ts';
import { differences } from '../checks/subset.ts';
import { toRegExp } from '../pattern.ts';
import type { Expectations } from './options.ts';
import type { Exchange } from './request.ts';

/** Everything about a response that is not as expected. */
export function unmetExpectations(expected: Expectations, response: Exchange): readonly Mismatch[] {
  return [
    ...checkStatus(expected.status, response),
    ...checkHeaders(expected.headers ?? {}, response.headers),
    ...checkBody(expected.body, response.body),
    ...checkJson(expected.json, response),
    ...checkLatency(expected.latencyMs, response.latencyMs),
  ];
}

/** The JSON of a body, if it is JSON. */
export function jsonOf(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
}

function checkStatus(expected: Expectations['status'], { status, statusText }: Exchange): readonly Mismatch[] {
  const allowed = Array.isArray(expected) ? expected : [expected];
  if (allowed.some((one) => (typeof one === 'number' ? one === status : one.startsWith(String(Math.floor(status / 100)))))) return [];
  return [{ what: 'status', expected: allowed.join(' or '), actual: `${status} ${statusText}`.trimEnd() }];
}

function checkHeaders(expected: NonNullable<Expectations['headers']>, headers: Headers): readonly Mismatch[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const value = headers.get(name);
    const mismatch = (words: string): readonly Mismatch[] => [
      { what: below('headers', name), expected: words, actual: value === null ? 'nothing' : show(value) },
    ];
    if (typeof wanted === 'boolean') return wanted === (value !== null) ? [] : mismatch(wanted ? 'a value' : 'nothing');
    if (typeof wanted === 'string') return wanted === value ? [] : mismatch(show(wanted));
    const expression = toRegExp(wanted.matches);
    return value !== null && expression.test(value) ? [] : mismatch(`a match of ${String(expression)}`);
  });
}

function checkBody(expected: Expectations['body'], body: string): readonly Mismatch[] {
  const { contains, matches } = typeof expected === 'string' ? { contains: expected } : (expected ?? {});
  const unmet: Mismatch[] = [];
  if (contains !== undefined && !body.includes(contains)) {
    unmet.push({ what: 'body', expected: `a text with ${show(contains)}`, actual: show(body) });
  }
  if (matches !== undefined && !toRegExp(matches).test(body)) {
    unmet.push({ what: 'body', expected: `a match of ${String(toRegExp(matches))}`, actual: show(body) });
  }
  return unmet;
}

function checkJson(expected: unknown, { body }: Exchange): readonly Mismatch[] {
  if (expected === undefined) return [];
  const json = jsonOf(body);
  return json === undefined ? [{ what: 'json', expected: 'a JSON body', actual: show(body) }] : differences(expected, json.value, 'json');
}

function checkLatency(longest: number | undefined, latencyMs: number): readonly Mismatch[] {
  if (longest === undefined || latencyMs <= longest) return [];
  return [{ what: 'latency', expected: `at most ${longest} ms`, actual: `${Math.round(latencyMs)} ms` }];
}
