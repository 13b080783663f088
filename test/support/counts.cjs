// Loaded into a process before its program, writes at its end what it loaded, started and sent. Without loading anything for that.
const { writeFileSync } = require('node:fs');

const file = process.env.TREADLE_COUNTS;
// Its threads, and processes that it starts, are not counted.
delete process.env.TREADLE_COUNTS;
if (file !== undefined && process.chdir.disabled !== true) count(file);

function count(file) {
  const before = new Set(process.moduleLoadList);
  let threads = 0;
  let sentBytes = 0;
  process.on('worker', () => (threads += 1));
  if (process.env.TREADLE_COUNT_SENT !== undefined) {
    const { MessagePort } = require('node:worker_threads');
    const { postMessage } = MessagePort.prototype;
    MessagePort.prototype.postMessage = function (message, ...rest) {
      sentBytes += sizeOf(message);
      return postMessage.call(this, message, ...rest);
    };
  }
  process.on('exit', () => {
    const builtIns = process.moduleLoadList
      .filter((name) => !before.has(name) && name.startsWith('NativeModule '))
      .map((name) => name.slice('NativeModule '.length));
    const files = Object.keys(require.cache).filter((name) => name !== __filename);
    writeFileSync(file, JSON.stringify({ builtIns, files, threads, sentBytes }));
  });
}

/** What copying a value takes; shared memory is not copied. */
function sizeOf(value) {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof SharedArrayBuffer) return 0;
  if (value instanceof ArrayBuffer) return value.byteLength;
  if (ArrayBuffer.isView(value)) return value.buffer instanceof SharedArrayBuffer ? 0 : value.byteLength;
  if (value instanceof Map) return [...value].reduce((sum, entry) => sum + sizeOf(entry), 0);
  return Object.entries(value).reduce((sum, [name, part]) => sum + name.length + sizeOf(part), 0);
}
