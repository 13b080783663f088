import type { SerializedError } from '../../../core/contract/errors.ts';

/** Says that a run ended with its engine. */
export function lostError(message: string): SerializedError {
  return { code: 'E_INTERNAL', name: 'Error', message };
}
