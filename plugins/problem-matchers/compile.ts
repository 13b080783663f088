import type { Diagnostic } from '../../core/index.ts';
import type { FileLocation } from './locate-file.ts';
import { namedMatcher } from './named.ts';
import type { ProblemMatcherObject, ProblemMatcherOption, ProblemPattern } from './types.ts';

/** A pattern that is ready to match. */
export interface LinePattern extends Omit<ProblemPattern, 'regexp'> {
  readonly regexp: RegExp;
}

/** A matcher that is ready to match. */
export interface Matcher {
  readonly source: string;
  readonly severity: Diagnostic['severity'];
  readonly fileLocation: FileLocation;
  /** In a problem of several lines, one for each line. */
  readonly patterns: readonly LinePattern[];
}

/** Makes matchers of what an option says. */
export function compileMatchers(option: ProblemMatcherOption): readonly Matcher[] {
  const list = isMatcherList(option) ? option : [option];
  return list.map((one) => (typeof one === 'string' ? compileMatcher({ base: one }) : compileMatcher(one)));
}

function compileMatcher(matcher: ProblemMatcherObject): Matcher {
  const base = matcher.base === undefined ? undefined : namedMatcher(matcher.base);
  return {
    source: matcher.source ?? matcher.owner ?? base?.source ?? 'problem',
    severity: matcher.severity ?? base?.severity ?? 'error',
    fileLocation: readFileLocation(matcher.fileLocation ?? base?.fileLocation ?? 'relative'),
    patterns: compilePatterns(matcher.pattern ?? base?.pattern ?? []),
  };
}

function compilePatterns(pattern: string | ProblemPattern | readonly ProblemPattern[]): readonly LinePattern[] {
  if (typeof pattern === 'string') return compilePatterns(namedMatcher(pattern)?.pattern ?? []);
  if (isList(pattern)) return pattern.map(compilePattern);
  return [compilePattern(withDefaults(pattern))];
}

function isMatcherList(option: ProblemMatcherOption): option is Extract<ProblemMatcherOption, readonly unknown[]> {
  return Array.isArray(option);
}

function isList(pattern: ProblemPattern | readonly ProblemPattern[]): pattern is readonly ProblemPattern[] {
  return Array.isArray(pattern);
}

/** What VS Code takes groups to be in a lone pattern that does not say. */
function withDefaults(pattern: ProblemPattern): ProblemPattern {
  const defaults =
    pattern.location !== undefined || pattern.kind === 'file' ? { file: 1, message: 0 } : { file: 1, line: 2, column: 3, message: 0 };
  return { ...defaults, ...pattern };
}

function compilePattern(pattern: ProblemPattern): LinePattern {
  return { ...pattern, regexp: new RegExp(pattern.regexp) };
}

function readFileLocation(location: NonNullable<ProblemMatcherObject['fileLocation']>): FileLocation {
  const [kind, base = '${cwd}'] = typeof location === 'string' ? [location] : location;
  return { kind, base };
}
