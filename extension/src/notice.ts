import type { SerializedError } from '../../core/contract/errors.ts';
import type { ProjectKey } from './store/records.ts';

/** What a person has to be told: shown once, as a notification. */
export interface Notice {
  readonly severity: 'error' | 'warning' | 'information';
  /** One or two sentences that name the file or step, and what can be done. */
  readonly message: string;
  /** The project that it is about, for "Show Log" or "Restart Engine". */
  readonly project?: ProjectKey;
  /** What can be done about it, in place of looking into the log. */
  readonly action?: { readonly title: string; readonly run: () => unknown };
  /** What the engine said, for "Copy Error" and "Open". */
  readonly error?: SerializedError;
}
