import { DefaultDeserializer, serialize } from 'node:v8';

// Documented, but absent from Node's types: V8 calls it for each typed array, Buffer and DataView.
interface ViewReader {
  _readHostObject(): NodeJS.ArrayBufferView;
}

// Inherited from %TypedArray%, so that it fits all of them; a Buffer's own `slice` would share memory.
const slice = Uint8Array.prototype.slice as (this: NodeJS.TypedArray) => NodeJS.TypedArray;

function makeDeserializer(): new (bytes: Uint8Array) => DefaultDeserializer {
  const readView = (DefaultDeserializer.prototype as DefaultDeserializer & ViewReader)._readHostObject;
  /** Gives each view memory of its own, of just its size. Node's own would lie in the shared bytes, or in its pool. */
  return class extends DefaultDeserializer implements ViewReader {
    _readHostObject(): NodeJS.ArrayBufferView {
      const view = readView.call(this);
      if (!(view instanceof DataView)) return slice.call(view);
      const bytes = slice.call(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
      return new DataView(bytes.buffer);
    }
  };
}

/** Made with the first value that is not JSON-shaped: Node's v8 module takes a millisecond to load. */
let Deserializer: ReturnType<typeof makeDeserializer> | undefined;

/** Structured-clone bytes of a value; throws what V8 throws. Views of one buffer come back with buffers of their own. */
export function toCloneBytes(value: unknown): Uint8Array {
  return serialize(value);
}

/** Decodes to a value of the caller's own: nothing in it refers to the bytes. */
export function fromCloneBytes(bytes: SharedArrayBuffer): unknown {
  Deserializer ??= makeDeserializer();
  const reader = new Deserializer(new Uint8Array(bytes));
  reader.readHeader();
  return reader.readValue();
}
