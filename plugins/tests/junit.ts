import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { ReportedTest, ReportListener, ReportReader } from './report-reader.ts';

/** A `<testcase>` that is being read. */
interface OpenCase {
  readonly attributes: Readonly<Record<string, string>>;
  status: ReportedTest['status'];
  message: string;
  type: string;
  /** Text inside `<failure>`, `<error>`. */
  body: string;
}

/** Some put another word there than the class of the error, such as `testCodeFailure`. */
const className = /^[\w.$]*(?:Error|Exception)$/;

const root = /^\s*<(?:\?xml|testsuites?[\s>/])/;

/**
 * Reads JUnit's XML, as mocha, node:test, vitest, playwright, jest-junit, pytest, surefire and others write it. It may stand
 * among other lines; what comes before and after it is output.
 */
export class JUnitReader implements ReportReader {
  private readonly listener: ReportListener;
  private parser: SaxesParser | undefined;
  private state: 'before' | 'inside' | 'after' = 'before';
  private readonly tags: string[] = [];
  private readonly suites: string[] = [];
  private open: OpenCase | undefined;
  private broken = false;
  private total = 0;
  private done = 0;

  constructor(listener: ReportListener) {
    this.listener = listener;
  }

  line(text: string): void {
    if (this.state === 'before' && root.test(text)) {
      this.state = 'inside';
      this.parser = this.createParser();
    }
    if (this.state === 'inside') this.parser?.write(`${text}\n`);
    else this.listener.output(text);
  }

  end(): void {
    if (this.state === 'inside' && !this.broken) this.listener.problem('the report is incomplete: the XML ends too early');
  }

  private createParser(): SaxesParser {
    const parser = new SaxesParser();
    parser.on('opentag', (tag) => this.openTag(tag));
    parser.on('closetag', (tag) => this.closeTag(tag.name));
    parser.on('text', (text) => this.text(text));
    parser.on('cdata', (text) => this.text(text));
    parser.on('error', (error) => {
      // The parser goes on, so that what can be read is read; one problem is enough to say.
      if (!this.broken) this.listener.problem(`the report is no XML: ${error.message}`);
      this.broken = true;
    });
    return parser;
  }

  private openTag({ name, attributes }: SaxesTagPlain): void {
    this.tags.push(name);
    if (name === 'testsuites') this.total = Number(attributes['tests']) || 0;
    else if (name === 'testsuite') {
      this.suites.push(attributes['name'] ?? '');
      if (this.tags.length === 1) this.total = Number(attributes['tests']) || 0;
    } else if (name === 'testcase') this.open = { attributes, status: 'passed', message: '', type: '', body: '' };
    else if (this.open !== undefined) this.judge(this.open, name, attributes);
  }

  private judge(open: OpenCase, tag: string, attributes: Readonly<Record<string, string>>): void {
    if (tag === 'skipped') open.status = attributes['type'] === 'todo' ? 'todo' : 'skipped';
    if (tag !== 'failure' && tag !== 'error') return;
    open.status = 'failed';
    open.message ||= attributes['message'] ?? '';
    open.type ||= attributes['type'] ?? '';
  }

  private text(text: string): void {
    const tag = this.tags.at(-1);
    if (this.open !== undefined && (tag === 'failure' || tag === 'error')) this.open.body += text;
  }

  private closeTag(name: string): void {
    this.tags.pop();
    if (name === 'testsuite') this.suites.pop();
    if (name === 'testcase' && this.open !== undefined) {
      this.listener.test(this.toTest(this.open));
      this.open = undefined;
      this.done += 1;
      if (this.total > 0) this.listener.progress(Math.min(this.done, this.total), this.total);
    }
    if (this.tags.length === 0) this.state = 'after';
  }

  private toTest({ attributes, status, message, type, body }: OpenCase): ReportedTest {
    const { name = 'unnamed', classname = '', time = '', file, line } = attributes;
    const stack = body.trim();
    const said = message === '' ? (stack.split('\n', 1)[0] ?? '') : message;
    return {
      name,
      path: this.pathOf(classname),
      status,
      durationMs: (Number(time.replaceAll(',', '')) || 0) * 1000,
      ...(status === 'failed'
        ? {
            error: {
              ...(className.test(type) ? { name: type } : {}),
              message: said === '' ? 'failed' : said.trimEnd(),
              ...(stack === '' ? {} : { stack }),
            },
          }
        : {}),
      ...(file === undefined || !Number(line) ? {} : { location: { file, line: Number(line), column: 1 } }),
    };
  }

  /** Suites, and the class where it says more than these. */
  private pathOf(classname: string): readonly string[] {
    const suites = this.suites.filter((name) => name !== '');
    const known = [suites.at(-1) ?? '', suites.join('.'), suites.join(' '), 'test', ''];
    return known.includes(classname) ? suites : [...suites, classname];
  }
}
