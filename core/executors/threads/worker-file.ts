import { existsSync } from 'node:fs';
import { TreadleError } from '../../contract/errors.ts';

/** The entry of a thread: the source beside this file, or the bundle's `worker.js`. */
export function workerFile(): URL {
  const here = import.meta.url;
  if (here.endsWith('.ts')) return new URL('./worker.ts', here);
  const bundled = new URL('./worker.js', here);
  if (existsSync(bundled)) return bundled;
  throw new TreadleError('E_INTERNAL', `There is no worker.js beside ${here}: the installation of Treadle is incomplete.`);
}
