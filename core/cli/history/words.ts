import type { RunDigest, StoredStatus } from '../../history/run-digest.ts';
import { icon, type Paint } from '../../reporters/style.ts';

const words: { readonly [Status in StoredStatus]: string } = {
  passed: 'passed',
  failed: 'failed',
  'timed-out': 'timed out',
  cancelled: 'cancelled',
  skipped: 'skipped',
  running: 'running',
  interrupted: 'interrupted',
};

/** The mark and the word of a status. */
export function statusText(status: StoredStatus, paint: Paint): string {
  const mark = status === 'interrupted' ? paint('red', '⊘') : icon(status, paint);
  return `${mark} ${words[status]}`;
}

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Local time: `Nov 25 14:15`, with the year in place of the time where it is another one. */
export function when(ms: number, now: Date): string {
  const date = new Date(ms);
  const day = `${monthNames[date.getMonth()] ?? ''} ${String(date.getDate()).padStart(2)}`;
  if (date.getFullYear() !== now.getFullYear()) return `${day}  ${date.getFullYear()}`;
  return `${day} ${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** Steps of a run that failed or timed out, in the order in which they did. */
export function failuresOf({ steps }: RunDigest): RunDigest['steps'] {
  return steps.filter(({ status }) => status === 'failed' || status === 'timed-out');
}
