import { setSourceMapsSupport } from 'node:module';

let mapping = false;

/**
 * Imports a compiled module; from the first one on, stacks show the project's sources.
 * Maps of dependencies stay unread: they would slow down every import.
 */
export async function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  if (!mapping) {
    setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
    mapping = true;
  }
  const namespace: Readonly<Record<string, unknown>> = await import(url);
  const whole = namespace['default'];
  // All that a CommonJS file exports has become its default export. One that was made of an ES module says what it called default.
  return typeof whole === 'object' && whole !== null && '__esModule' in whole ? { ...whole } : namespace;
}
