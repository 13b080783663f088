import { readDiagnosis, readPlainDiagnosis, type Diagnosis } from './tap-diagnosis.ts';
import { readTapLine, type TestPoint } from './tap-line.ts';
import type { ReportListener, ReportReader } from './report-reader.ts';

/** A test point whose diagnosis may still follow. */
interface Pending {
  readonly point: TestPoint;
  readonly depth: number;
  readonly indent: number;
  readonly path: readonly string[];
  /** It only sums up its subtests, which have been reported. */
  readonly suite: boolean;
  /** The lines of a YAML block, or those that stand without one. */
  readonly lines: string[];
  yaml: 'none' | 'open' | 'closed';
}

/** A level of subtests: what its points belong to. */
interface Level {
  name: string | undefined;
  points: number;
  failed: number;
  /** Subtests in braces follow the point of their suite; others come before it. */
  readonly braces: boolean;
}

const summary = /^(?:time=|(?:tests|suites|pass|fail|ok|cancelled|skipped|skip|todo|duration_ms|failed \d+ of)\b)/;

/** Lines of a diagnosis that are read; nobody reads more. */
const longestDiagnosis = 2000;
/** How many of the last comments tell why the process of a test file ended, without what Node.js says of itself. */
const lastComments = 20;
const nodeItself = /^\s+at .*\bnode:|^Node\.js v\d/;

/**
 * Reads the Test Anything Protocol, version 12 to 14, with subtests and YAML blocks: as node:test, mocha, tape, node-tap and
 * vitest write it. Points that sum up subtests are not test cases of their own.
 */
export class TapReader implements ReportReader {
  private readonly listener: ReportListener;
  private pending: Pending | undefined;
  /** `levels[d]` is about the points at depth `d + 1`. */
  private levels: Level[] = [];
  private plan: number | undefined;
  private topPoints = 0;
  private sawSubtest = false;
  private started = false;
  /** A comment that may name the points below it, as tape writes them. */
  private heading: string | undefined;
  private section: string | undefined;
  /** Comments since the last test point. */
  private comments: string[] = [];

  constructor(listener: ReportListener) {
    this.listener = listener;
  }

  line(text: string): void {
    if (this.readYamlLine(text)) return;
    const line = readTapLine(text);
    this.started ||= line.kind === 'version' || line.kind === 'point' || line.kind === 'plan';
    switch (line.kind) {
      case 'yaml':
        if (this.pending !== undefined && this.pending.yaml === 'none') this.pending.yaml = 'open';
        else this.other(text);
        return;
      case 'point':
        return this.addPoint(line.point, line.depth, text);
      case 'plan':
        this.flush();
        if (line.depth === 0) this.plan = line.count;
        return;
      case 'subtest':
        return this.announce(line.name, line.depth);
      case 'open':
        return this.openPending(text);
      case 'close':
        if (this.levels.at(-1)?.braces === true) this.closeBraces();
        else this.other(text);
        return;
      case 'comment':
        return this.comment(line.text, line.depth, text);
      case 'bail-out':
        this.flush();
        return this.listener.problem(`the run was given up${line.reason === '' ? '' : `: ${line.reason}`}`);
      case 'version':
        return this.flush();
      case 'other':
        return this.other(text);
    }
  }

  end(): void {
    this.flush();
    this.dropHeading();
    while (this.levels.at(-1)?.braces === true) this.closeBraces();
    if (this.plan === undefined) {
      if (this.started) this.listener.problem(`the report is incomplete: ${this.topPoints} tests and no plan`);
    } else if (this.plan !== this.topPoints) {
      this.listener.problem(`the report is incomplete: ${this.plan} tests planned, ${this.topPoints} reported`);
    }
  }

  /** Takes a line inside a YAML block. */
  private readYamlLine(text: string): boolean {
    const { pending } = this;
    if (pending?.yaml !== 'open') return false;
    // A block that nobody closed ends where the next test begins.
    if (indentOf(text) <= pending.indent && readTapLine(text).kind === 'point') {
      pending.yaml = 'closed';
      return false;
    }
    if (text.trim() === '...') pending.yaml = 'closed';
    else if (pending.lines.length < longestDiagnosis) pending.lines.push(text);
    return true;
  }

  private addPoint(point: TestPoint, depth: number, text: string): void {
    this.flush();
    this.useHeading();
    const below = this.levels[depth];
    if (below !== undefined && below.points === 0 && below.name !== point.name && this.levels[depth - 1]?.name === undefined && depth > 0) {
      // Some producers announce a suite inside of it.
      this.levelAt(depth - 1).name = below.name;
    }
    const suite = below !== undefined && below.points > 0;
    const explained = suite && below.failed > 0;
    this.levels.length = Math.min(this.levels.length, depth);
    const failed = isFailure(point);
    if (depth > 0) {
      const level = this.levelAt(depth - 1);
      level.points += 1;
      if (failed) level.failed += 1;
    }
    this.pending = {
      point,
      depth,
      indent: indentOf(text),
      path: [...(this.section === undefined ? [] : [this.section]), ...this.names(depth)],
      suite: suite && (!failed || explained),
      lines: [],
      yaml: 'none',
    };
    if (point.opens) this.openPending(text);
  }

  /** Announces the suite whose points follow, one level deeper. */
  private announce(name: string, depth: number): void {
    this.flush();
    this.sawSubtest = true;
    this.dropHeading();
    this.levels.length = Math.min(this.levels.length, depth);
    this.levelAt(depth).name = name;
  }

  /** The subtests of the last point follow in braces. */
  private openPending(text: string): void {
    const { pending } = this;
    if (pending === undefined) return this.other(text);
    this.pending = undefined;
    this.count(pending);
    this.levels.length = Math.min(this.levels.length, pending.depth);
    while (this.levels.length < pending.depth) this.levels.push(newLevel(undefined, false));
    this.levels.push(newLevel(pending.point.name, true));
    this.openSuites.push(pending);
  }

  private readonly openSuites: Pending[] = [];

  private closeBraces(): void {
    this.flush();
    const level = this.levels.pop();
    const suite = this.openSuites.pop();
    if (suite !== undefined && isFailure(suite.point) && level?.failed === 0) this.report(suite);
  }

  private comment(text: string, depth: number, line: string): void {
    this.flush();
    if (summary.test(text)) return;
    this.dropHeading();
    if (!nodeItself.test(text)) this.comments = [...this.comments.slice(1 - lastComments), text];
    if (this.started && !this.sawSubtest && depth === 0 && line.startsWith('#')) this.heading = text;
    else this.listener.output(text);
  }

  private useHeading(): void {
    if (this.heading === undefined) return;
    this.section = this.heading;
    this.heading = undefined;
  }

  /** It was no heading: something else than a point followed. */
  private dropHeading(): void {
    if (this.heading !== undefined) this.listener.output(this.heading);
    this.heading = undefined;
  }

  private other(text: string): void {
    const { pending } = this;
    if (pending !== undefined && isFailure(pending.point) && pending.yaml === 'none' && indentOf(text) >= pending.indent + 2) {
      pending.lines.push(text.slice(pending.indent));
      return;
    }
    this.flush();
    this.dropHeading();
    if (text.trim() !== '' || !this.started) this.listener.output(text);
  }

  private flush(): void {
    const { pending } = this;
    if (pending === undefined) return;
    this.pending = undefined;
    this.count(pending);
    this.report(pending);
    this.comments = [];
  }

  private count({ depth }: Pending): void {
    if (depth > 0) return;
    this.topPoints += 1;
    if (this.plan !== undefined && this.plan > 0) this.listener.progress(this.topPoints, this.plan);
  }

  private report({ point, path, suite, lines, yaml }: Pending): void {
    const diagnosis: Diagnosis = yaml === 'none' ? readPlainDiagnosis(lines) : readDiagnosis(lines);
    if (suite && !diagnosis.failedItself) return;
    const { location, processEnd } = diagnosis;
    const said = this.comments.length === 0 ? '' : `:\n${this.comments.join('\n')}`;
    const error = processEnd === undefined ? diagnosis.error : { message: `${processEnd}${said}` };
    this.listener.test({
      name: point.name === '' ? 'unnamed' : point.name,
      path,
      status: statusOf(point),
      durationMs: diagnosis.durationMs ?? point.durationMs ?? 0,
      ...(error === undefined || !isFailure(point) ? {} : { error }),
      ...(location === undefined ? {} : { location }),
    });
  }

  private levelAt(index: number): Level {
    while (this.levels.length <= index) this.levels.push(newLevel(undefined, false));
    const level = this.levels[index];
    if (level === undefined) throw new RangeError(`There is no level ${index}.`);
    return level;
  }

  private names(depth: number): readonly string[] {
    return this.levels
      .slice(0, depth)
      .map(({ name }) => name)
      .filter((name) => name !== undefined);
  }
}

function newLevel(name: string | undefined, braces: boolean): Level {
  return { name, points: 0, failed: 0, braces };
}

function isFailure({ ok, directive }: TestPoint): boolean {
  return !ok && directive === undefined;
}

function statusOf({ ok, directive }: TestPoint): 'passed' | 'failed' | 'skipped' | 'todo' {
  if (directive !== undefined) return directive === 'skip' ? 'skipped' : 'todo';
  return ok ? 'passed' : 'failed';
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
