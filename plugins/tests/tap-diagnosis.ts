import type { SourceLocation, TestError } from '../../core/index.ts';
import { readYaml, type YamlMap, type YamlValue } from './tap-yaml.ts';

/** What the lines below a test point say about it. */
export interface Diagnosis {
  readonly error: TestError | undefined;
  readonly durationMs: number | undefined;
  readonly location: SourceLocation | undefined;
  /** node:test tells so of a suite with a hook that failed, or a test that failed after its subtests. */
  readonly failedItself: boolean;
  /** How the process of a test file ended that failed as a whole; node:test says why only in comments. */
  readonly processEnd: string | undefined;
}

/** Reads a YAML block, with the keys of node:test, mocha, tape, node-tap and vitest. */
export function readDiagnosis(lines: readonly string[]): Diagnosis {
  const yaml = readYaml(lines);
  const error = yaml.get('error');
  const message = (error?.entries?.get('message') ?? error ?? yaml.get('message') ?? operatorOf(yaml))?.text;
  const duration = Number(yaml.get('duration_ms')?.text ?? Number.NaN);
  return {
    error:
      message === undefined
        ? undefined
        : { ...nameOf(yaml), message, ...textOf(yaml, 'stack'), ...textOf(yaml, 'expected', 'wanted'), ...textOf(yaml, 'actual', 'found') },
    durationMs: Number.isFinite(duration) ? duration : undefined,
    location: locationOf(yaml.get('location') ?? yaml.get('at')),
    failedItself: !['subtestsFailed', undefined].includes(yaml.get('failureType')?.text),
    processEnd: processEndOf(yaml),
  };
}

function processEndOf(yaml: YamlMap): string | undefined {
  const [code, signal] = [yaml.get('exitCode')?.text, yaml.get('signal')?.text];
  if (signal !== undefined && signal !== '~') return `the file was ended by ${signal}`;
  return code === undefined || code === '~' ? undefined : `the file exited with ${code}`;
}

/** Reads the indented lines below a failed test point of TAP 12, as mocha writes them: the message, then the stack. */
export function readPlainDiagnosis(lines: readonly string[]): Diagnosis {
  const text = lines
    .map((line) => line.slice(2))
    .join('\n')
    .trimEnd();
  const nothing = { durationMs: undefined, location: undefined, failedItself: false, processEnd: undefined };
  if (text === '') return { ...nothing, error: undefined };
  const stackStart = text.search(/^\w*(?:Error|Exception)\b.*(?:\n.*)*?\n\s+at /m);
  const message = stackStart > 0 ? text.slice(0, stackStart).trimEnd() : text;
  return { ...nothing, error: { message, ...(stackStart < 0 ? {} : { stack: text.slice(stackStart) }) } };
}

function operatorOf(yaml: YamlMap): YamlValue | undefined {
  const operator = yaml.get('operator') ?? yaml.get('compare');
  return operator === undefined ? undefined : { text: `${operator.text} does not hold` };
}

/** vitest puts it below `error`, node:test beside it. */
function nameOf(yaml: YamlMap): Pick<TestError, 'name'> {
  const name = yaml.get('error')?.entries?.get('name') ?? yaml.get('name');
  return name === undefined || !/^[\w.$]+$/.test(name.text) ? {} : { name: name.text };
}

function textOf<Name extends 'stack' | 'expected' | 'actual'>(
  yaml: YamlMap,
  name: Name,
  otherName: string = name,
): { readonly [Key in Name]?: string } {
  const value = yaml.get(name) ?? yaml.get(otherName);
  // The compiler does not see that a computed key of type Name makes this object.
  return value === undefined ? {} : ({ [name]: value.text } as { readonly [Key in Name]?: string });
}

function locationOf(value: YamlValue | undefined): SourceLocation | undefined {
  if (value?.entries !== undefined) {
    const file = value.entries.get('fileName')?.text ?? value.entries.get('file')?.text;
    const line = Number((value.entries.get('lineNumber') ?? value.entries.get('line'))?.text);
    const column = Number((value.entries.get('columnNumber') ?? value.entries.get('column'))?.text);
    return file === undefined || !Number.isInteger(line) ? undefined : { file, line, column: Number.isInteger(column) ? column : 1 };
  }
  return value === undefined ? undefined : readPosition(value.text);
}

/** `/a/b.js:5:3`, also at the end of a stack's line: `Test.<anonymous> (/a/b.js:5:3)`. */
function readPosition(text: string): SourceLocation | undefined {
  const { file, line, column } = /(?:^|\()(?<file>[^()]+?):(?<line>\d+):(?<column>\d+)\)?$/.exec(text.trim())?.groups ?? {};
  return file === undefined ? undefined : { file, line: Number(line), column: Number(column) };
}
