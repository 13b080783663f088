import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { literalSettings } from './literal-settings.ts';
import { isRecord, type ProjectManifest } from './manifest.ts';

/** How code is written in a project, so that its own formatter and linter have nothing to say about ours. */
export interface CodeStyle {
  readonly indent: string;
  /** How wide an indent counts. */
  readonly indentWidth: number;
  readonly quote: "'" | '"';
  readonly semicolon: '' | ';';
  /** Between braces and what is in them. */
  readonly braceSpace: '' | ' ';
  readonly trailingComma: '' | ',';
  readonly width: number;
}

const plain: CodeStyle = { indent: '  ', indentWidth: 2, quote: "'", semicolon: ';', braceSpace: ' ', trailingComma: ',', width: 100 };

/** What the project's formatter or linter asks for, as far as its settings can be read. */
export function findCodeStyle(root: string, manifest: ProjectManifest): CodeStyle {
  const { packages } = manifest;
  const has = (...names: readonly string[]): boolean => names.some((name) => packages.has(name));
  const biome = settingsOf(root, ['biome.json', 'biome.jsonc']);
  if (biome !== undefined) return biomeStyle(biome);
  const prettier = isRecord(manifest.fields['prettier'])
    ? manifest.fields['prettier']
    : (settingsOf(root, ['.prettierrc', '.prettierrc.json', '.prettierrc.jsonc', '.prettierrc.yaml', '.prettierrc.yml']) ??
      writtenIn(root, prettierModules));
  if (prettier !== undefined || has('prettier')) return prettierStyle(prettier ?? {}, root);
  if (has('xo')) return xoStyle(isRecord(manifest.fields['xo']) ? manifest.fields['xo'] : (settingsOf(root, ['.xo-config.json']) ?? {}));
  if (has('standard', 'ts-standard', 'neostandard')) return { ...plain, semicolon: '', trailingComma: '', width: 80 };
  return { ...plain, ...indentOf(/^[\t ]+(?=")/m.exec(manifest.text)?.[0] ?? '  ') };
}

const prettierModules = ['.prettierrc', 'prettier.config'].flatMap((name) =>
  ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((extension) => `${name}.${extension}`),
);

/** What a settings file that is code says without being run. */
function writtenIn(root: string, names: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  const name = names.find((each) => existsSync(join(root, each)));
  return name === undefined ? undefined : literalSettings(readFileSync(join(root, name), 'utf8'));
}

function settingsOf(root: string, names: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  const name = names.find((each) => existsSync(join(root, each)));
  if (name === undefined) return undefined;
  const text = readFileSync(join(root, name), 'utf8');
  const value: unknown = parse(text, [], { allowTrailingComma: true });
  return isRecord(value) ? value : fromYaml(text);
}

/** A .prettierrc may be YAML; settings are flat. */
function fromYaml(text: string): Readonly<Record<string, unknown>> {
  const lines = [...text.matchAll(/^(?<key>\w+):\s*["']?(?<value>\w+)["']?\s*$/gm)];
  return Object.fromEntries(lines.map(({ groups }) => [groups?.['key'] ?? '', scalar(groups?.['value'] ?? '')]));
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
}

function prettierStyle(settings: Readonly<Record<string, unknown>>, root: string): CodeStyle {
  const editor = editorSettings(root);
  const tabs = settings['useTabs'] ?? (editor['indent_style'] === undefined ? undefined : editor['indent_style'] === 'tab');
  const size = numberOf(settings['tabWidth']) ?? numberOf(editor['indent_size']) ?? 2;
  return {
    indent: tabs === true ? '\t' : ' '.repeat(size),
    indentWidth: size,
    quote: settings['singleQuote'] === true ? "'" : '"',
    semicolon: settings['semi'] === false ? '' : ';',
    braceSpace: settings['bracketSpacing'] === false ? '' : ' ',
    trailingComma: settings['trailingComma'] === 'none' ? '' : ',',
    width: numberOf(settings['printWidth']) ?? numberOf(editor['max_line_length']) ?? 80,
  };
}

/** What .editorconfig says of all files; prettier reads it too. */
function editorSettings(root: string): Readonly<Record<string, unknown>> {
  const file = join(root, '.editorconfig');
  if (!existsSync(file)) return {};
  const section = /^\[\*\]\s*$(?<body>[^[]*)/m.exec(readFileSync(file, 'utf8'))?.groups?.['body'] ?? '';
  const lines = [...section.matchAll(/^\s*(?<key>\w+)\s*=\s*(?<value>\w+)/gm)];
  return Object.fromEntries(lines.map(({ groups }) => [groups?.['key'] ?? '', scalar(groups?.['value'] ?? '')]));
}

function biomeStyle(settings: Readonly<Record<string, unknown>>): CodeStyle {
  const formatter = isRecord(settings['formatter']) ? settings['formatter'] : {};
  const language =
    isRecord(settings['javascript']) && isRecord(settings['javascript']['formatter']) ? settings['javascript']['formatter'] : {};
  const setting = (name: string): unknown => language[name] ?? formatter[name];
  const size = numberOf(setting('indentWidth')) ?? 2;
  return {
    indent: setting('indentStyle') === 'space' ? ' '.repeat(size) : '\t',
    indentWidth: size,
    quote: setting('quoteStyle') === 'single' ? "'" : '"',
    semicolon: setting('semicolons') === 'asNeeded' ? '' : ';',
    braceSpace: setting('bracketSpacing') === false ? '' : ' ',
    trailingComma: setting('trailingCommas') === 'none' ? '' : ',',
    width: numberOf(setting('lineWidth')) ?? 80,
  };
}

function xoStyle(settings: Readonly<Record<string, unknown>>): CodeStyle {
  const { space } = settings;
  const indent = space === true ? '  ' : typeof space === 'number' ? ' '.repeat(space) : '\t';
  return { ...plain, ...indentOf(indent), semicolon: settings['semicolon'] === false ? '' : ';', braceSpace: '' };
}

function indentOf(indent: string): Pick<CodeStyle, 'indent' | 'indentWidth'> {
  return indent.includes('\t') ? { indent: '\t', indentWidth: 4 } : { indent, indentWidth: indent.length };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}
