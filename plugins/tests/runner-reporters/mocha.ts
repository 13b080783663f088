import { emitEnd, type EmittedError, emitTest, emitTotal, showValue } from './emit.ts';

/** What mocha tells of a test or a hook. */
interface MochaTest {
  readonly title: string;
  readonly duration?: number;
  titlePath(): string[];
}

interface MochaError {
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly showDiff?: boolean;
}

interface MochaRunner {
  readonly total: number;
  on(event: 'start' | 'end', listener: () => void): this;
  on(event: 'pass' | 'pending', listener: (test: MochaTest) => void): this;
  on(event: 'fail', listener: (test: MochaTest, error: MochaError) => void): this;
}

/** A reporter for mocha that streams test cases to Treadle. */
export default class MochaReporter {
  constructor(runner: MochaRunner) {
    runner.on('start', () => emitTotal(runner.total));
    runner.on('pass', (test) => emitTest({ ...base(test), status: 'passed' }));
    runner.on('pending', (test) => emitTest({ ...base(test), status: 'skipped' }));
    runner.on('fail', (test, error) => emitTest({ ...base(test), status: 'failed', error: toError(error) }));
    runner.on('end', () => emitEnd());
  }
}

// What `require` gives to versions of mocha that know no default exports.
export { MochaReporter as 'module.exports' };

function base(test: MochaTest): { readonly name: string; readonly path: string[]; readonly durationMs: number } {
  return { name: test.title, path: test.titlePath().slice(0, -1), durationMs: test.duration ?? 0 };
}

function toError(error: MochaError): EmittedError {
  const compares = error.showDiff !== false && error.expected !== undefined;
  return {
    name: error.name,
    message: error.message ?? String(error),
    stack: error.stack,
    ...(compares ? { expected: showValue(error.expected), actual: showValue(error.actual) } : {}),
  };
}
