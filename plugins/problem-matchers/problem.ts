import type { Diagnostic } from '../../core/index.ts';
import type { LinePattern, Matcher } from './compile.ts';
import { locateFile, type ToolPlace } from './locate-file.ts';

/** What the lines of a problem have said so far. */
export interface ProblemParts {
  readonly kind: 'location' | 'file';
  readonly file?: string;
  readonly location?: string;
  readonly line?: string;
  readonly column?: string;
  readonly endLine?: string;
  readonly endColumn?: string;
  readonly severity?: string;
  readonly code?: string;
  readonly message?: string;
}

type Part = Exclude<keyof ProblemParts, 'kind'>;
const parts: readonly Part[] = ['file', 'location', 'line', 'column', 'endLine', 'endColumn', 'severity', 'code', 'message'];

/** Adds what one line says. What an earlier line said stands, but for the message, which grows by a line. */
export function addLine(known: ProblemParts, pattern: LinePattern, match: RegExpExecArray): ProblemParts {
  const next: { -readonly [P in keyof ProblemParts]: ProblemParts[P] } = { ...known };
  for (const part of parts) {
    const group = pattern[part];
    const text = group === undefined ? undefined : match[group]?.trim();
    if (text === undefined) continue;
    const before = known[part];
    if (before === undefined) next[part] = text;
    else if (part === 'message') next.message = `${before}\n${text}`;
  }
  return next;
}

/** The finished problem, if its lines have said enough: a file, a place in it, and a message. */
export function toDiagnostic(said: ProblemParts, matcher: Matcher, place: ToolPlace): Diagnostic | undefined {
  const span = spanOf(said);
  if (span === undefined || !said.file || !said.message) return undefined;
  return {
    file: locateFile(said.file, matcher.fileLocation, place),
    ...span,
    severity: severityOf(said.severity) ?? matcher.severity,
    message: said.message,
    source: matcher.source,
    ...(said.code ? { code: said.code } : {}),
  };
}

type Span = Pick<Diagnostic, 'line' | 'column' | 'endLine' | 'endColumn'>;

function spanOf(said: ProblemParts): Span | undefined {
  if (said.kind === 'file') return { line: 1, column: 1 };
  if (said.location) return spanFromText(said.location);
  const line = toNumber(said.line);
  if (line === undefined) return undefined;
  return span(line, toNumber(said.column), toNumber(said.endLine), toNumber(said.endColumn));
}

/** `3`, `3,7` or `3,7,3,12`. */
function spanFromText(location: string): Span | undefined {
  const [line, column, endLine, endColumn] = location.split(',').map(toNumber);
  return line === undefined ? undefined : span(line, column, endLine, endColumn);
}

function span(line: number, column = 1, endLine?: number, endColumn?: number): Span {
  const start = { line: Math.max(line, 1), column: Math.max(column, 1) };
  return endColumn === undefined ? start : { ...start, endLine: endLine ?? line, endColumn };
}

function toNumber(text: string | undefined): number | undefined {
  const number = Number.parseInt(text ?? '', 10);
  return Number.isNaN(number) ? undefined : number;
}

function severityOf(text: string | undefined): Diagnostic['severity'] | undefined {
  switch (text?.toLowerCase()) {
    case 'error':
    case 'e':
      return 'error';
    case 'warning':
    case 'warn':
    case 'w':
      return 'warning';
    case 'info':
    case 'i':
    case 'hint':
    case 'note':
      return 'info';
    default:
      return undefined;
  }
}
