import { emitEnd, type EmittedError, emitFailure, emitOutput, emitTest } from './emit.ts';

interface VitestError {
  readonly name?: string;
  readonly message: string;
  readonly stack?: string;
  readonly stacks?: readonly { readonly file: string; readonly line: number; readonly column: number }[];
  readonly expected?: unknown;
  readonly actual?: unknown;
}

interface VitestModule {
  readonly type: 'module';
  readonly relativeModuleId: string;
  errors(): readonly VitestError[];
}

interface VitestSuite {
  readonly type: 'suite';
  readonly name: string;
  readonly parent: VitestSuite | VitestModule;
  errors?(): readonly VitestError[];
}

/** What vitest (3 and later) tells of a test case. */
interface VitestCase {
  readonly name: string;
  readonly parent: VitestSuite | VitestModule;
  readonly module: { readonly moduleId: string };
  readonly location?: { readonly line: number; readonly column: number };
  readonly options: { readonly mode?: string };
  result(): { readonly state: string; readonly errors?: readonly VitestError[] };
  diagnostic(): { readonly duration: number } | undefined;
}

/** A reporter for vitest that streams test cases to Treadle. */
export default class VitestReporter {
  onTestCaseResult(test: VitestCase): void {
    const { state, errors = [] } = test.result();
    const [error] = errors;
    const frame = error?.stacks?.[0];
    emitTest({
      name: test.name,
      path: pathOf(test.parent),
      status: state === 'passed' || state === 'failed' ? state : test.options.mode === 'todo' ? 'todo' : 'skipped',
      durationMs: test.diagnostic()?.duration ?? 0,
      ...(state === 'failed' && error !== undefined ? { error: toError(error) } : {}),
      ...(test.location !== undefined
        ? { location: { file: test.module.moduleId, line: test.location.line, column: test.location.column } }
        : state === 'failed' && frame !== undefined
          ? { location: { file: frame.file, line: frame.line, column: frame.column } }
          : {}),
    });
  }

  onTestSuiteResult(suite: VitestSuite): void {
    for (const error of suite.errors?.() ?? []) emitFailure('the suite failed outside of its tests', pathOf(suite), toError(error));
  }

  onTestModuleEnd(module: VitestModule): void {
    for (const error of module.errors()) emitFailure('the file could not be run', pathOf(module), toError(error));
  }

  onUserConsoleLog(log: { readonly content: string }): void {
    emitOutput(log.content);
  }

  onTestRunEnd(_modules: unknown, unhandled: readonly VitestError[]): void {
    for (const error of unhandled) emitFailure('an error that no test caught', [], toError(error));
    emitEnd();
  }
}

function pathOf(parent: VitestSuite | VitestModule): readonly string[] {
  return parent.type === 'module' ? [parent.relativeModuleId] : [...pathOf(parent.parent), parent.name];
}

function toError({ name, message, stack, stacks = [], expected, actual }: VitestError): EmittedError {
  const frames = stacks.map((frame) => `    at ${frame.file}:${frame.line}:${frame.column}`);
  return {
    name,
    message,
    stack: frames.length === 0 ? stack : [message, ...frames].join('\n'),
    // Vitest has made texts of these.
    ...(typeof expected === 'string' && typeof actual === 'string' ? { expected, actual } : {}),
  };
}
