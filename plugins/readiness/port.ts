import { connect } from 'node:net';
import * as v from 'valibot';
import { connectionProblem, type Probe } from './probe.ts';

const portNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const address = /^(?:(?<host>[^:]+|\[[\da-fA-F:.]+\]):)?(?<port>\d{1,5})$/;

/** A port of this machine, or `host:port`. */
export const port = v.union([
  portNumber,
  v.pipe(
    v.string(),
    v.check(
      (text) => isAddress(text),
      (issue) => `${JSON.stringify(issue.input)} is no port: write 4173 or host:4173`,
    ),
  ),
]);

/** Where to connect to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The address that a {@link port} option means. */
export function toAddress(value: v.InferOutput<typeof port>): Address {
  if (typeof value === 'number') return { host: 'localhost', port: value };
  const { host = 'localhost', port: digits } = address.exec(value)?.groups ?? {};
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(digits) };
}

export function showAddress({ host, port: number }: Address): string {
  return host.includes(':') ? `[${host}]:${number}` : `${host}:${number}`;
}

/** Ready when something accepts connections. */
export function portProbe(target: Address): Probe {
  return { what: `port ${showAddress(target)}`, check: (signal) => tryPort(target, signal) };
}

/** Whether something accepts connections: `undefined`, or why not. */
export function tryPort(target: Address, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A name such as localhost has several addresses, and servers listen on one of them.
    const socket = connect({ ...target, autoSelectFamily: true });
    const finish = (problem: string | undefined): void => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve(problem);
    };
    const stop = (): void => finish('no answer');
    socket.once('connect', () => finish(undefined));
    socket.once('error', (error) => finish(connectionProblem(error)));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function isAddress(text: string): boolean {
  const number = Number(address.exec(text)?.groups?.['port']);
  return number >= 1 && number <= 65_535;
}
