import type { AsyncLocalStorage } from 'node:async_hooks';
import { formatWithOptions, stripVTControlCharacters } from 'node:util';
import { serializeError } from '../context/errors.ts';
import { TreadleError } from '../contract/errors.ts';
import type { TestResult } from '../contract/events.ts';

/** The test cases of one attempt at a step. */
export class TestCases {
  private readonly failed: string[] = [];
  private readonly running = new Set<Promise<unknown>>();
  /** Names of the test cases around, outermost first: they may run side by side. */
  private around: AsyncLocalStorage<readonly string[]> | undefined;
  /** Places of failures are relative to it. */
  private readonly root: string;
  private readonly hear: (result: TestResult) => void;

  constructor(root: string, hear: (result: TestResult) => void) {
    this.root = root;
    this.hear = hear;
  }

  report(result: TestResult): void {
    if (result.status === 'failed') this.failed.push([...result.path, result.name].join(' › '));
    this.hear(result);
  }

  run(name: string, body: () => unknown): Promise<boolean> {
    // Most steps have no test cases, and need none of this.
    this.around ??= new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)();
    const path = this.around.getStore() ?? [];
    const end = this.around.run([...path, name], () => this.carryOut(name, path, body));
    this.running.add(end);
    void end.then(() => this.running.delete(end));
    return end;
  }

  /** Waits for those that the step's code did not wait for. */
  async end(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
    if (this.failed.length > 0) throw testsFailed(this.failed);
  }

  private async carryOut(name: string, path: readonly string[], body: () => unknown): Promise<boolean> {
    const started = performance.now();
    const report = (rest: Pick<TestResult, 'status' | 'error' | 'location'>): void =>
      this.report({ name, path, durationMs: performance.now() - started, ...rest });
    try {
      await body();
      report({ status: 'passed' });
      return true;
    } catch (thrown) {
      report({ status: 'failed', ...failureOf(thrown, this.root) });
      return false;
    }
  }
}

function failureOf(thrown: unknown, root: string): Pick<TestResult, 'error' | 'location'> {
  const { name, message, stack, location } = serializeError(thrown, { root });
  const shown = (value: unknown): string => (typeof value === 'string' ? value : formatWithOptions({ depth: 6 }, '%O', value));
  const own = typeof thrown === 'object' && thrown !== null ? thrown : {};
  return {
    error: {
      name,
      message: stripVTControlCharacters(message),
      ...(stack === undefined ? {} : { stack }),
      ...('expected' in own ? { expected: shown(own.expected) } : {}),
      ...('actual' in own ? { actual: shown(own.actual) } : {}),
    },
    ...(location === undefined ? {} : { location }),
  };
}

/** The error of a step whose code returned, yet some of its test cases failed. */
function testsFailed(names: readonly string[]): TreadleError {
  const shown = names.slice(0, 5).join(', ');
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return new TreadleError('E_TESTS_FAILED', `${names.length} ${names.length === 1 ? 'test' : 'tests'} failed: ${shown}${more}`);
}
