import { readFileSync } from 'node:fs';

/** Set by the build; absent when run from source. */
declare const __VERSION__: string | undefined;

/** Treadle's version, as in its package.json. */
export function ownVersion(): string {
  if (typeof __VERSION__ === 'string') return __VERSION__;
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  return 'unknown';
}
