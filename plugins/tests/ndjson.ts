import type { SourceLocation, TestError, TestStatus } from '../../core/index.ts';
import type { ReportedTest, ReportListener, ReportReader } from './report-reader.ts';

type Fields = Readonly<Record<string, unknown>>;

/** How a line of Treadle's own reporters begins; text that a test wrote without a line's end may stand before it. */
const ownMark = '{"treadle":';
const statuses: readonly string[] = ['passed', 'failed', 'skipped', 'todo'] satisfies TestStatus[];

/**
 * Reads one JSON value a line: test cases in Treadle's own form (`{ name, path, status, durationMs, error, location }`, also
 * as `step:test` events), mocha's json-stream. All other lines are output.
 */
export class NdjsonReader implements ReportReader {
  private readonly listener: ReportListener;
  private total = 0;
  private done = 0;
  private unfinished = false;

  constructor(listener: ReportListener) {
    this.listener = listener;
  }

  line(text: string): void {
    const own = text.indexOf(ownMark);
    if (own > 0) this.listener.output(text.slice(0, own));
    const rest = own > 0 ? text.slice(own) : text;
    const value = parse(rest);
    if (value === undefined || !this.take(value)) this.listener.output(rest);
  }

  end(): void {
    if (this.unfinished) this.listener.problem(`the report is incomplete: ${this.done} of ${this.total} tests reported`);
  }

  private take(value: unknown): boolean {
    if (Array.isArray(value)) return this.takeMocha(value);
    if (!isFields(value)) return false;
    if (value['treadle'] === 'total' && typeof value['count'] === 'number') {
      this.total += value['count'];
      this.unfinished = true;
      return true;
    }
    if (value['treadle'] === 'end') {
      this.unfinished = false;
      return true;
    }
    const test = ownTest(value);
    if (test !== undefined) this.add(test);
    return test !== undefined;
  }

  /** mocha's json-stream: `["start", { total }]`, `["pass", { … }]`, `["fail", { … }]`, `["end", { … }]`. */
  private takeMocha([event, fields]: readonly unknown[]): boolean {
    if (typeof event !== 'string' || !isFields(fields)) return false;
    switch (event) {
      case 'start':
        this.total = Number(fields['total']) || 0;
        this.unfinished = true;
        return true;
      case 'pass':
      case 'fail':
        this.add(mochaTest(event, fields));
        return true;
      case 'end':
        this.unfinished = false;
        return true;
      default:
        return false;
    }
  }

  private add(test: ReportedTest): void {
    this.done += 1;
    this.listener.test(test);
    if (this.total > 0) this.listener.progress(Math.min(this.done, this.total), this.total);
  }
}

function parse(text: string): unknown {
  if (!/^[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ownTest(fields: Fields): ReportedTest | undefined {
  const { name, path, status, durationMs, error, location, type, treadle } = fields;
  const kind = type ?? treadle ?? 'test';
  if (kind !== 'step:test' && kind !== 'test') return undefined;
  if (typeof name !== 'string' || !isStatus(status)) return undefined;
  const failure = status === 'failed' ? testError(error) : undefined;
  const place = sourceLocation(location);
  return {
    name,
    path: Array.isArray(path) ? path.filter((part) => typeof part === 'string') : [],
    status,
    durationMs: typeof durationMs === 'number' ? durationMs : 0,
    ...(failure === undefined ? {} : { error: failure }),
    ...(place === undefined ? {} : { location: place }),
  };
}

function mochaTest(event: 'pass' | 'fail', fields: Fields): ReportedTest {
  const title = String(fields['title'] ?? 'unnamed');
  const fullTitle = String(fields['fullTitle'] ?? title);
  const suites = fullTitle.endsWith(` ${title}`) ? [fullTitle.slice(0, -title.length - 1)] : [];
  const base = { name: title, path: suites, durationMs: Number(fields['duration']) || 0 };
  if (event === 'pass') return { ...base, status: 'passed' };
  return { ...base, status: 'failed', error: testError({ message: fields['err'], stack: fields['stack'] }) };
}

function testError(error: unknown): TestError {
  if (!isFields(error)) return { message: typeof error === 'string' ? error : 'failed' };
  const text = (key: 'name' | 'stack' | 'expected' | 'actual'): TestErrorPart =>
    typeof error[key] === 'string' ? { [key]: error[key] } : {};
  return {
    ...text('name'),
    message: typeof error['message'] === 'string' ? error['message'] : 'failed',
    ...text('stack'),
    ...text('expected'),
    ...text('actual'),
  };
}

type TestErrorPart = Partial<Omit<TestError, 'message'>>;

function sourceLocation(location: unknown): SourceLocation | undefined {
  if (!isFields(location) || typeof location['file'] !== 'string') return undefined;
  return { file: location['file'], line: Number(location['line']) || 1, column: Number(location['column']) || 1 };
}

function isStatus(status: unknown): status is TestStatus {
  return typeof status === 'string' && statuses.includes(status);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
