import * as v from 'valibot';
import type { Address } from './port.ts';
import { connectionProblem, type Probe } from './probe.ts';

/** An http or https address. */
export const webAddress = v.pipe(
  v.string(),
  v.check(isWebAddress, (issue) => `${JSON.stringify(issue.input)} is no http or https URL`),
);

/** Ready when the URL answers with a status below 400. */
export function urlProbe(url: string): Probe {
  return { what: url, check: (signal) => tryUrl(url, signal) };
}

async function tryUrl(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    // A connection of its own: one kept open could belong to a server that is gone.
    const response = await fetch(url, { signal, redirect: 'manual', headers: { connection: 'close' } });
    await response.body?.cancel();
    return response.status < 400 ? undefined : `it answers with ${response.status}`;
  } catch (error) {
    return signal.aborted ? 'no answer' : connectionProblem(error);
  }
}

/** The port of a URL that leads to this machine. */
export function localAddress(url: string): Address | undefined {
  const { hostname, port, protocol } = new URL(url);
  if (!/^(?:localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0)$/.test(hostname)) return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
