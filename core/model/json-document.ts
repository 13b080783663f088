import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { JsonValue } from '../contract/json.ts';
import type { SourceLocation } from '../contract/status.ts';

export type JsonNode = Node;

/** A property of an object, with the nodes of its key and value. */
export interface JsonProperty {
  readonly name: string;
  readonly key: JsonNode;
  readonly value: JsonNode;
}

/** The first place where a text stops being JSON. */
export interface JsonSyntaxError {
  readonly message: string;
  readonly hint: string | undefined;
  readonly location: SourceLocation;
}

/** A JSON text with comments and trailing commas, whose values know where they are written. */
export interface JsonDocument {
  readonly root: JsonNode | undefined;
  readonly syntaxError: JsonSyntaxError | undefined;
  locationOf(offset: number): SourceLocation;
}

const byteOrderMark = /^\uFEFF/;

export function parseJsonDocument(source: string, file: string): JsonDocument {
  const text = source.replace(byteOrderMark, '');
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const lineStarts = [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), (match) => match.index + match[0].length)];
  const locationOf = (offset: number): SourceLocation => {
    const index = lineStarts.findLastIndex((start) => start <= offset);
    return { file, line: index + 1, column: offset - (lineStarts[index] ?? 0) + 1 };
  };
  // The first only: those that follow come of it.
  const [error] = errors;
  if (error === undefined) return { root, syntaxError: undefined, locationOf };
  const hint = text[error.offset] === "'" ? 'JSON has double quotes only.' : undefined;
  const syntaxError = { message: syntaxMessage(error, text), hint, location: locationOf(error.offset) };
  return { root, syntaxError, locationOf };
}

const expectations: Readonly<Record<string, string>> = {
  CommaExpected: 'a comma is missing before',
  ColonExpected: 'a colon is missing before',
  PropertyNameExpected: 'a property name in double quotes is expected, not',
  ValueExpected: 'a value is expected, not',
  CloseBraceExpected: 'a closing } is missing before',
  CloseBracketExpected: 'a closing ] is missing before',
  EndOfFileExpected: 'nothing more is expected, but there is',
  InvalidSymbol: 'JSON has no such word as',
  InvalidNumberFormat: 'this is not a number:',
  UnexpectedEndOfComment: 'this comment has no end:',
  UnexpectedEndOfString: 'this text has no closing quote:',
  UnexpectedEndOfNumber: 'this number is not finished:',
  InvalidUnicode: 'this is not a unicode escape:',
  InvalidEscapeCharacter: 'this is not an escape sequence:',
  InvalidCharacter: 'this text holds a control character:',
};

function syntaxMessage({ error, offset, length }: ParseError, text: string): string {
  const token = text.slice(offset, offset + Math.max(1, Math.min(length, 40))).split(/[\r\n]/)[0] ?? '';
  return `${expectations[printParseErrorCode(error)] ?? 'this is not JSON:'} ${token.trim() === '' ? 'the end' : token}`;
}

/** The properties of an object, in order; one that is still being written, without a value, is passed over. */
export function propertiesOf(node: JsonNode): readonly JsonProperty[] {
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    return key === undefined || value === undefined ? [] : [{ name: String(key.value), key, value }];
  });
}

/** The value that a node stands for. Keys such as `__proto__` stay keys. */
export function valueOf(node: JsonNode): JsonValue {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type === 'object') return Object.fromEntries(propertiesOf(node).map(({ name, value }) => [name, valueOf(value)]));
  const scalar: unknown = node.value;
  return typeof scalar === 'string' || typeof scalar === 'number' || typeof scalar === 'boolean' ? scalar : null;
}

/** The node that a path of keys and indices leads to, or the last one on the way. */
export function propertyAt(node: JsonNode, path: readonly string[]): JsonProperty | undefined {
  const [name, ...rest] = path;
  const properties =
    node.type === 'array' ? (node.children ?? []).map((value, index) => ({ name: String(index), key: value, value })) : propertiesOf(node);
  const found = properties.find((property) => property.name === name);
  return found === undefined || rest.length === 0 ? found : (propertyAt(found.value, rest) ?? found);
}
