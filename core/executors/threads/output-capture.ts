import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { StringDecoder } from 'node:string_decoder';

type Stream = 'stdout' | 'stderr';
type Sink = (stream: Stream, text: string) => void;

/**
 * Sends all that code in this thread prints to a sink: `console`, `process.stdout.write`, and writes to the
 * descriptors 1 and 2. Only one step runs in a thread at a time, so whatever is printed is that step's.
 */
export function captureOutput(sink: Sink): void {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  const take = (stream: Stream, chunk: string | NodeJS.ArrayBufferView): void => {
    const text = typeof chunk === 'string' ? chunk : decoders[stream].write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (text !== '') sink(stream, text);
  };
  captureStream(process.stdout, 'stdout', take);
  captureStream(process.stderr, 'stderr', take);
  captureDescriptors(take);
}

function captureStream(target: NodeJS.WriteStream, name: Stream, take: (stream: Stream, chunk: string | Uint8Array) => void): void {
  target.write = (
    chunk: string | Uint8Array,
    encodingOrCallback?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ): boolean => {
    const encoding = typeof encodingOrCallback === 'string' ? encodingOrCallback : 'utf8';
    take(name, typeof chunk === 'string' && encoding !== 'utf8' && encoding !== 'utf-8' ? Buffer.from(chunk, encoding) : chunk);
    const done = typeof encodingOrCallback === 'function' ? encodingOrCallback : callback;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
}

function streamOfDescriptor(descriptor: unknown): Stream | undefined {
  return descriptor === 1 ? 'stdout' : descriptor === 2 ? 'stderr' : undefined;
}

/** Replaces `fs.writeSync` and `fs.write` for the two descriptors; loggers such as pino write there directly. */
function captureDescriptors(take: (stream: Stream, chunk: string | NodeJS.ArrayBufferView) => void): void {
  const { writeSync, write } = fs;
  const slice = (data: unknown, offset: unknown, length: unknown): string | NodeJS.ArrayBufferView => {
    if (!ArrayBuffer.isView(data)) return String(data);
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const start = typeof offset === 'number' ? offset : 0;
    return bytes.subarray(start, typeof length === 'number' ? start + length : undefined);
  };
  fs.writeSync = (...args: unknown[]): number => {
    const [descriptor, data, offset, length] = args;
    const stream = streamOfDescriptor(descriptor);
    if (stream === undefined) return Reflect.apply(writeSync, fs, args);
    const chunk = slice(data, offset, length);
    take(stream, chunk);
    return Buffer.byteLength(chunk);
  };
  const captured = (...args: unknown[]): void => {
    const [descriptor, data, offset, length] = args;
    const stream = streamOfDescriptor(descriptor);
    if (stream === undefined) return Reflect.apply(write, fs, args);
    const chunk = slice(data, offset, length);
    take(stream, chunk);
    const callback = args.at(-1);
    if (typeof callback === 'function') process.nextTick(callback, null, Buffer.byteLength(chunk), data);
  };
  // `fs.write` carries a promisified form as a symbol property, which must stay in place.
  fs.write = Object.assign(captured, { __promisify__: write.__promisify__ });
  syncBuiltinESMExports();
}
