import { stripVTControlCharacters } from 'node:util';
import type { Diagnostic } from '../../core/index.ts';
import type { LinePattern, Matcher } from './compile.ts';
import type { ToolPlace } from './locate-file.ts';
import { addLine, type ProblemParts, toDiagnostic } from './problem.ts';

/** Longer lines are no messages of a tool, and a pattern that backtracks takes long on them. */
const longestLine = 2000;

/** A last pattern that loops: it goes on as long as lines match. */
interface Loop {
  readonly matcher: Matcher;
  readonly pattern: LinePattern;
  /** What the lines before the loop said. */
  readonly head: ProblemParts;
}

/** Reads the lines of a tool's output, one by one, for problems. */
export class ProblemCollector {
  private readonly recent: string[] = [];
  private readonly matchers: readonly Matcher[];
  private readonly place: ToolPlace;
  private readonly depth: number;
  private loop: Loop | undefined;

  constructor(matchers: readonly Matcher[], place: ToolPlace) {
    this.matchers = matchers.filter(({ patterns }) => patterns.length > 0);
    this.place = place;
    this.depth = this.matchers.reduce((most, { patterns }) => Math.max(most, patterns.length), 1);
  }

  /** Takes the next line; gives the problem that it completes, if it does. */
  line(text: string): Diagnostic | undefined {
    const line = text.length > longestLine ? '' : stripVTControlCharacters(text).trimEnd();
    const looped = this.continueLoop(line);
    if (looped !== undefined) return looped;
    this.recent.push(line);
    if (this.recent.length > this.depth) this.recent.shift();
    // The problem that began first counts: the longest match.
    for (let start = 0; start < this.recent.length; start++) {
      for (const matcher of this.matchers) {
        if (matcher.patterns.length !== this.recent.length - start) continue;
        const found = this.match(matcher, start);
        if (found === undefined) continue;
        this.recent.length = 0;
        return found;
      }
    }
    return undefined;
  }

  private continueLoop(line: string): Diagnostic | undefined {
    if (this.loop === undefined) return undefined;
    const { matcher, pattern, head } = this.loop;
    const match = pattern.regexp.exec(line);
    const found = match === null ? undefined : toDiagnostic(addLine(head, pattern, match), matcher, this.place);
    if (found === undefined) {
      this.loop = undefined;
      this.recent.length = 0;
    }
    return found;
  }

  private match(matcher: Matcher, start: number): Diagnostic | undefined {
    let said: ProblemParts = { kind: matcher.patterns[0]?.kind ?? 'location' };
    let loop: Loop | undefined;
    for (const [index, pattern] of matcher.patterns.entries()) {
      const match = pattern.regexp.exec(this.recent[start + index] ?? '');
      if (match === null) return undefined;
      if (pattern.loop === true) loop = { matcher, pattern, head: said };
      said = addLine(said, pattern, match);
    }
    const found = toDiagnostic(said, matcher, this.place);
    if (found !== undefined) this.loop = loop;
    return found;
  }
}
