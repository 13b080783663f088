import type { TestResult } from '../../../core/contract/events.ts';

/** What names a test case below its step. */
export interface CaseId {
  /** Ids of the suites around it, outermost first. */
  readonly suites: readonly string[];
  /** Among its siblings. */
  readonly id: string;
}

/** Names the test cases of one attempt at a step, in the order in which they come: the second one of a name is another test. */
export class CaseIds {
  private readonly counts = new Map<string, number>();

  idOf({ path, name }: Pick<TestResult, 'path' | 'name'>): CaseId {
    const key = JSON.stringify([path, name]);
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return { suites: path.map((suite) => `suite:${plain(suite)}`), id: `${count}:${plain(name)}` };
  }
}

/** Ids of tests must not contain NUL. */
function plain(text: string): string {
  return text.replaceAll('\0', '␀');
}

/** Where the test cases begin that were not there before: at 0 when the step began anew. */
export function firstNewTest(before: readonly TestResult[], now: readonly TestResult[]): number {
  return now.length >= before.length && (before.length === 0 || now[before.length - 1] === before.at(-1)) ? before.length : 0;
}
