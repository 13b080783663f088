import { join } from 'node:path';

/**
 * Files of a package `treadle` whose engine is the fake one.
 *
 * @param repository - this one's folder
 * @param mode - how the engine starts, see fake-engine.ts
 */
export function fakeTreadle(repository: string, version: string, mode?: string): Readonly<Record<string, string>> {
  const set = mode === undefined ? '' : `process.env.FAKE_ENGINE = ${JSON.stringify(mode)};\n`;
  return {
    'node_modules/treadle/package.json': JSON.stringify({ name: 'treadle', version, bin: { treadle: './bin.mjs' } }),
    'node_modules/treadle/bin.mjs': `${set}await import(${JSON.stringify(join(repository, 'test/support/fake-engine.ts'))});`,
  };
}
