import { connect } from 'node:net';
import { Writable, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { serializeError } from '../../context/errors.ts';
import { TreadleError, type ExitCode } from '../../contract/errors.ts';
import { forgetOuterRuns } from '../../outer-runs.ts';
import { endWithParent } from '../../rpc/parent-watch.ts';
import { startServer, type Server } from '../../rpc/server.ts';
import type { Console } from '../console.ts';
import { leave } from '../exit-guard.ts';
import type { ServeFlags } from '../flags.ts';
import { ownVersion } from '../../files/own-version.ts';

/** How long a failing engine tries to tell the editor why, in milliseconds. */
const lastWordsMs = 1000;

/** `treadle serve`: an editor's engine, until the editor goes away. */
export async function serve(flags: ServeFlags, console: Console): Promise<ExitCode> {
  if ((flags.stdio === true) === (flags.connect !== undefined)) {
    throw new TreadleError('E_USAGE', 'treadle serve needs --stdio or --connect PATH.', {
      hint: 'Editors start it; there is nothing to see.',
    });
  }
  const { input, output } = flags.connect === undefined ? standardStreams() : await connectTo(flags.connect);
  // Whatever code of the project prints must not get among the messages.
  console.reserveStdout();
  endWithParent();
  forgetOuterRuns();
  const server = startServer({ input, output, version: ownVersion() });
  let exitCode: ExitCode = 0;
  const stop = (code: ExitCode) => (): void => {
    exitCode = code;
    void server.close();
  };
  process.once('SIGINT', stop(130));
  process.once('SIGTERM', stop(143));
  process.once('SIGHUP', stop(143));
  endWithCrash(server, console);
  const { clean, misunderstanding } = await server.ended;
  if (misunderstanding !== undefined) throw notTheProtocol(misunderstanding);
  // A thread that cannot be stopped would keep the process for ever.
  if (!clean) process.kill(process.pid, 'SIGKILL');
  // Modules of the project may have left something open; nobody waits for that.
  return leave(exitCode);
}

/** What fails outside of steps ends the engine, for nobody knows what is left of it; the editor hears why. */
function endWithCrash(server: Server, console: Console): void {
  let crashed = false;
  const crash = (thrown: unknown): void => {
    if (crashed) return;
    crashed = true;
    const { message, stack } = serializeError(thrown);
    const text = `The engine ends, because something failed outside of a step: ${stack ?? message}`;
    console.err.say(`treadle: ${text}\n`);
    void Promise.race([server.log('error', text), delay(lastWordsMs)]).then(() => leave(3));
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

function notTheProtocol(reason: string): TreadleError {
  return new TreadleError('E_USAGE', `What came in is not JSON-RPC with Content-Length headers: ${reason}`, {
    hint: 'Editors start treadle serve by themselves.',
  });
}

/** The protocol's streams; to be taken before anything else writes to them. */
function standardStreams(): { readonly input: Readable; readonly output: Writable } {
  const write = process.stdout.write.bind(process.stdout);
  const output = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      write(chunk, (error) => done(error));
    },
  });
  // When the editor is gone there is nobody to tell: the end of the input says so too.
  output.on('error', () => undefined);
  return { input: process.stdin, output };
}

function connectTo(path: string): Promise<{ readonly input: Readable; readonly output: Writable }> {
  const socket = connect(path);
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve({ input: socket, output: socket }));
    socket.on('error', (error) => {
      reject(new TreadleError('E_USAGE', `--connect: nobody listens at ${path} (${error.message}).`));
    });
  });
}
