import type { TestResult } from '../../../core/contract/events.ts';
import type { KeptRunReader } from '../history/kept-history.ts';
import type { StoreView } from '../store/records.ts';

/** Of so many steps the test cases are remembered: rows are asked for again at every change. */
const mostSteps = 20;

/** The test cases of steps in runs: read when somebody unfolds a step. */
export class RunTests {
  private readonly store: StoreView;
  private readonly history: KeptRunReader;
  private readonly known = new Map<string, readonly TestResult[]>();

  constructor(store: StoreView, history: KeptRunReader) {
    this.store = store;
    this.history = history;
  }

  /** What failed comes first. `undefined` when the run is no longer kept. */
  async of(runId: string, step: string): Promise<readonly TestResult[] | undefined> {
    const key = `${runId} ${step}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const run = this.store.run(runId);
    const node = run && this.store.node(this.store.nodeKey(run.project, run.pipeline, step));
    if (node?.runId === runId) return failedFirst(node.tests);
    const read = await this.history.tests(runId, step);
    if (read === undefined) return undefined;
    const tests = failedFirst(read);
    if (this.store.anyRun(runId)?.state !== 'running') this.remember(key, tests);
    return tests;
  }

  private remember(key: string, tests: readonly TestResult[]): void {
    this.known.set(key, tests);
    const [oldest] = this.known.keys();
    if (this.known.size > mostSteps && oldest !== undefined) this.known.delete(oldest);
  }
}

function failedFirst(tests: readonly TestResult[]): readonly TestResult[] {
  return [...tests.filter(({ status }) => status === 'failed'), ...tests.filter(({ status }) => status !== 'failed')];
}
