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
  return namespace;
}
