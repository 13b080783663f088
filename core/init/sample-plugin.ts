import type { CodeStyle } from './code-style.ts';
import { CodePrinter } from './print-code.ts';

/** How the sample plugin is called, in `plugins/` and in the pipeline. */
export const samplePlugin = 'notes';

/** A plugin that any project can use as it is, and that shows how one is written. */
export function samplePluginText(language: 'ts' | 'js', style: CodeStyle): string {
  const printer = new CodePrinter(style);
  const { indent, semicolon: end } = style;
  const text = (value: string): string => printer.text(value);
  const braces = (inner: string): string => `{${style.braceSpace}${inner}${style.braceSpace}}`;
  const lines = [
    `import ${braces('readdir, readFile')} from ${text('node:fs/promises')}${end}`,
    `import ${braces('join')} from ${text('node:path')}${end}`,
    `import ${braces('definePlugin')} from ${text('treadle')}${end}`,
    '',
    ...(language === 'ts' ? ['interface Options {', '>/** Relative to the project. */', `>readonly folder: string${end}`, '}', ''] : []),
    '// A plugin is a kind of step. This one lists what is left to do: it never fails. Change it to what your',
    '// project needs, or remove it here and in the pipeline file.',
    'export default definePlugin({',
    `>description: ${text('List TODO and FIXME comments')},`,
    ...(language === 'ts' ? [] : ['>/** @param {{ folder: string }} options */']),
    `>run: async (context, options${language === 'ts' ? ': Options' : ''}) => {`,
    `>>const folder = join(context.cwd, options.folder)${end}`,
    `>>const entries = await readdir(folder, ${braces('recursive: true')})${end}`,
    `>>const sources = /\\.[cm]?[jt]sx?$/${end}`,
    `>>let count = 0${end}`,
    '>>for (const [index, name] of entries.entries()) {',
    `>>>context.updateStepProgress((index / entries.length) * 100)${end}`,
    `>>>if (!sources.test(name)) continue${end}`,
    `>>>const text = await readFile(join(folder, name), ${text('utf8')})${end}`,
    `>>>for (const [at, line] of text.split(${text('\n')}).entries()) {`,
    `>>>>const column = line.search(/\\b(?:TODO|FIXME)\\b/) + 1${end}`,
    `>>>>if (column === 0) continue${end}`,
    `>>>>count += 1${end}`,
    `>>>>const message = line.slice(column - 1).trim()${end}`,
    '>>>>// Shown in reports and, in an editor, at its line.',
    '>>>>context.diagnostic({',
    '>>>>>file: join(options.folder, name),',
    '>>>>>line: at + 1,',
    '>>>>>column,',
    `>>>>>severity: ${text('info')},`,
    '>>>>>message,',
    `>>>>>source: ${text(samplePlugin)}${style.trailingComma}`,
    `>>>>})${end}`,
    '>>>}',
    '>>}',
    '>>// Later steps can read it.',
    `>>context.results.notes = count${end}`,
    `>}${style.trailingComma}`,
    `})${end}`,
  ];
  return lines.map((line) => `${line.replace(/^>+/, (depth) => indent.repeat(depth.length))}\n`).join('');
}
