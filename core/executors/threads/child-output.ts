import childProcess, { ChildProcess } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { StringDecoder } from 'node:string_decoder';

type Stream = 'stdout' | 'stderr';
type Sink = (stream: Stream, text: string) => void;

/** `stdio` as the three standard streams, each inherited or not. */
function inheritedStreams(stdio: unknown): readonly Stream[] {
  const at = (index: number): unknown => (Array.isArray(stdio) ? stdio[index] : stdio);
  const inherits = (entry: unknown, descriptor: number, stream: NodeJS.WriteStream): boolean =>
    entry === 'inherit' || entry === descriptor || entry === stream;
  return [
    ...(inherits(at(1), 1, process.stdout) ? (['stdout'] as const) : []),
    ...(inherits(at(2), 2, process.stderr) ? (['stderr'] as const) : []),
  ];
}

/** The same `stdio`, with pipes in place of the inherited outputs. */
function withPipes(stdio: unknown, inherited: readonly Stream[]): unknown[] {
  const list: unknown[] = Array.isArray(stdio) ? [...stdio] : [stdio, stdio, stdio];
  if (inherited.includes('stdout')) list[1] = 'pipe';
  if (inherited.includes('stderr')) list[2] = 'pipe';
  return list;
}

/**
 * Sends the output of child processes that a step starts by itself with `stdio: 'inherit'` to a sink. Otherwise it
 * would go past the engine to the terminal, in the middle of whatever a reporter draws there.
 */
export function captureChildOutput(sink: Sink): void {
  captureSpawn(sink);
  captureSync(sink);
  syncBuiltinESMExports();
}

function captureSpawn(sink: Sink): void {
  // Not in Node's types: every way of starting a process goes through this method.
  const spawn: unknown = Reflect.get(ChildProcess.prototype, 'spawn');
  if (typeof spawn !== 'function') return;
  Reflect.set(ChildProcess.prototype, 'spawn', function (this: ChildProcess, options: { readonly stdio?: unknown }): unknown {
    const inherited = inheritedStreams(options.stdio);
    if (inherited.length === 0) return spawn.call(this, options);
    const result: unknown = spawn.call(this, { ...options, stdio: withPipes(options.stdio, inherited) });
    for (const name of inherited) {
      const decoder = new StringDecoder('utf8');
      this[name]?.on('data', (chunk: Buffer) => sink(name, decoder.write(chunk)));
      // As with inherited output, there is no stream for the step to read.
      this[name] = null;
    }
    return result;
  });
}

function captureSync(sink: Sink): void {
  const forward = (inherited: readonly Stream[], output: object): void => {
    for (const name of inherited) {
      const text = String(Reflect.get(output, name) ?? '');
      if (text !== '') sink(name, text);
    }
  };
  replaceSync('spawnSync', withPipes, (call, inherited) => {
    const result = Object(call());
    forward(inherited, result);
    for (const name of inherited) Reflect.set(result, name, null);
    return result;
  });
  for (const name of ['execSync', 'execFileSync'] as const) {
    // Without stdio they pass stderr on to process.stderr, which is captured, and return stdout.
    const leftOut = (): undefined => undefined;
    replaceSync(name, leftOut, (call, inherited) => {
      try {
        const stdout = call();
        forward(inherited, { stdout });
        return inherited.includes('stdout') ? null : stdout;
      } catch (thrown) {
        forward(
          inherited.filter((stream) => stream === 'stdout'),
          Object(thrown),
        );
        throw thrown;
      }
    });
  }
}

/** Replaces a synchronous function of `child_process` for calls that inherit an output; `call` runs it with the other stdio. */
function replaceSync(
  name: 'spawnSync' | 'execSync' | 'execFileSync',
  replaceStdio: (stdio: unknown, inherited: readonly Stream[]) => unknown,
  withInherited: (call: () => unknown, inherited: readonly Stream[]) => unknown,
): void {
  const original: (...args: never[]) => unknown = childProcess[name];
  Reflect.set(childProcess, name, (...args: unknown[]): unknown => {
    const index = args.findLastIndex((argument) => typeof argument === 'object' && argument !== null && !Array.isArray(argument));
    const options: object = Object(args[index]);
    const stdio: unknown = Reflect.get(options, 'stdio');
    const inherited = inheritedStreams(stdio);
    if (inherited.length === 0) return Reflect.apply(original, childProcess, args);
    const piped = args.with(index, { ...options, stdio: replaceStdio(stdio, inherited) });
    return withInherited(() => Reflect.apply(original, childProcess, piped), inherited);
  });
}
