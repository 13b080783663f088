import { spawnSync } from 'node:child_process';
import { SaxesParser } from 'saxes';

// What readers of JUnit's XML accept, as facts: which attributes an element may have, and what may stand in it.

interface ElementRule {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly children: readonly string[];
  /** Whether text other than white space may stand in it. */
  readonly text: boolean;
}

export type Schema = Readonly<Record<string, ElementRule>>;

const problem: ElementRule = { required: [], optional: ['type', 'message'], children: [], text: true };
const rerun: ElementRule = {
  required: ['type'],
  optional: ['message'],
  children: ['stackTrace', 'system-out', 'system-err'],
  text: true,
};
const text: ElementRule = { required: [], optional: [], children: [], text: true };
const reruns = ['rerunFailure', 'rerunError', 'flakyFailure', 'flakyError'];

/** The schema that Jenkins' xUnit plugin validates with. */
export const jenkinsSchema: Schema = {
  testsuites: { required: [], optional: ['name', 'time', 'tests', 'failures', 'errors'], children: ['testsuite'], text: false },
  testsuite: {
    required: ['name', 'tests', 'failures', 'errors'],
    optional: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
    text: false,
  },
  properties: { required: [], optional: [], children: ['property'], text: false },
  property: { required: ['name', 'value'], optional: [], children: [], text: false },
  testcase: {
    required: ['name'],
    optional: ['time', 'classname', 'group'],
    children: ['skipped', 'error', 'failure', ...reruns, 'system-out', 'system-err'],
    text: false,
  },
  failure: problem,
  error: problem,
  skipped: problem,
  ...Object.fromEntries(reruns.map((name) => [name, rerun])),
  stackTrace: text,
  'system-out': text,
  'system-err': text,
};

/** The same, with what GitLab and others read besides. */
export const commonSchema: Schema = {
  ...jenkinsSchema,
  testsuites: { ...jenkinsSchema['testsuites']!, optional: [...jenkinsSchema['testsuites']!.optional, 'skipped'] },
  testcase: { ...jenkinsSchema['testcase']!, optional: [...jenkinsSchema['testcase']!.optional, 'file', 'line'] },
};

/** An element that was read. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Reads XML. Throws where it is not well-formed. */
export function parseXml(xml: string): XmlElement {
  const parser = new SaxesParser();
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes: { ...attributes }, children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', (content) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += content;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(xml).close();
  if (root === undefined) throw new Error('There is no element.');
  return root;
}

/** Everything of that name in an element, itself included. */
export function allOf(element: XmlElement, name: string): readonly XmlElement[] {
  return [...(element.name === name ? [element] : []), ...element.children.flatMap((child) => allOf(child, name))];
}

/** What in an element does not fit a schema. */
export function violations(element: XmlElement, schema: Schema): readonly string[] {
  const rule = schema[element.name];
  if (rule === undefined) return [`<${element.name}> is unknown`];
  const names = Object.keys(element.attributes);
  return [
    ...rule.required.filter((name) => !names.includes(name)).map((name) => `<${element.name}> lacks ${name}`),
    ...names
      .filter((name) => !rule.required.includes(name) && !rule.optional.includes(name))
      .map((name) => `<${element.name}> has ${name}`),
    ...element.children.filter(({ name }) => !rule.children.includes(name)).map(({ name }) => `<${element.name}> holds <${name}>`),
    ...(rule.text || element.text.trim() === '' ? [] : [`<${element.name}> holds text`]),
    ...(element.name === 'testsuite' || element.name === 'testsuites' ? timeViolations(element) : []),
    ...element.children.flatMap((child) => violations(child, schema)),
  ];
}

const time = /^\d+(?:\.\d+)?$/;

function timeViolations({ name, attributes }: XmlElement): readonly string[] {
  const value = attributes['time'];
  return value === undefined || time.test(value) ? [] : [`<${name}> has the time ${value}`];
}

/** The schema in XML's own language. */
function toXsd(schema: Schema): string {
  const elements = Object.entries(schema).map(([name, { required, optional, children, text: mixed }]) => {
    const content = children.map((child) => `<xs:element ref="${child}"/>`).join('');
    const attributes = [...required, ...optional].map(
      (attribute) =>
        `<xs:attribute name="${attribute}" type="${attribute === 'time' && name !== 'testcase' ? 'time' : 'xs:string'}"${required.includes(attribute) ? ' use="required"' : ''}/>`,
    );
    const choice = content === '' ? '' : `<xs:choice minOccurs="0" maxOccurs="unbounded">${content}</xs:choice>`;
    return `<xs:element name="${name}"><xs:complexType mixed="${mixed}">${choice}${attributes.join('')}</xs:complexType></xs:element>`;
  });
  const simple = `<xs:simpleType name="time"><xs:restriction base="xs:string"><xs:pattern value="[0-9]+(\\.[0-9]+)?"/></xs:restriction></xs:simpleType>`;
  return `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${simple}${elements.join('')}</xs:schema>`;
}

/** What xmllint says about a report, or `undefined` where there is no xmllint. It must be given files. */
export function lintXml(xmlFile: string, schemaFile: string): string | undefined {
  const { error, status, stderr } = spawnSync('xmllint', ['--noout', '--schema', schemaFile, xmlFile], { encoding: 'utf8' });
  if (error !== undefined) return undefined;
  return status === 0 ? '' : stderr;
}

export { toXsd };
