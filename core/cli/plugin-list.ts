import { describeOptions } from './option-signature.ts';
import type { ListedReporter } from './installed-reporters.ts';
import type { Paint } from '../reporters/style.ts';

/** A plugin as it is listed. */
export interface ListedPlugin {
  readonly name: string;
  readonly description: string | undefined;
  readonly builtIn: boolean;
  /** Where it comes from. */
  readonly file: string;
  /** JSON Schema of its options, where there is one. */
  readonly options: Readonly<Record<string, unknown>> | undefined;
}

/** Fills lines of a width with phrases, which are broken only where they are longer than a line. */
function fill(phrases: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const phrase of phrases.flatMap((each) => (each.length <= width ? [each] : each.split(' ')))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + phrase.length <= width) lines[lines.length - 1] = `${last} ${phrase}`;
    else lines.push(phrase);
  }
  return lines;
}

function renderPlugin(plugin: ListedPlugin, nameWidth: number, columns: number, paint: Paint): string {
  const indent = ' '.repeat(nameWidth + 4);
  const width = Math.max(30, columns - indent.length);
  const description = fill(
    (plugin.description ?? '').split(/\s+/).filter((word) => word !== ''),
    width,
  );
  const origin = plugin.builtIn ? [] : fill([plugin.file], width).map((line) => paint('dim', line));
  const options = describeOptions(plugin.options).map(({ name, type }) => `${name}: ${type}`);
  const taken = options.map((option, index) => (index === options.length - 1 ? option : `${option},`));
  const lines = [...description, ...origin, ...fill(taken, width).map((line) => paint('dim', line))];
  const [first = '', ...others] = lines;
  return [
    `  ${paint('bold', plugin.name)}${' '.repeat(nameWidth - plugin.name.length)}  ${first}`,
    ...others.map((line) => indent + line),
  ].join('\n');
}

function section(title: string, plugins: readonly ListedPlugin[], columns: number, paint: Paint): string[] {
  if (plugins.length === 0) return [];
  const nameWidth = Math.max(...plugins.map(({ name }) => name.length));
  const sorted = plugins.toSorted((left, right) => left.name.localeCompare(right.name));
  return [[paint('bold', title), ...sorted.map((plugin) => renderPlugin(plugin, nameWidth, columns, paint))].join('\n')];
}

/** What a project has to use. */
export interface Listed {
  readonly plugins: readonly ListedPlugin[];
  readonly reporters: readonly ListedReporter[];
}

/** Plugins by where they come from: name, description, file, options; and reporters. Ends with a newline. */
export function renderPlugins({ plugins, reporters }: Listed, columns: number, paint: Paint): string {
  const own = plugins.filter(({ builtIn }) => !builtIn);
  const builtIn = plugins.filter((plugin) => plugin.builtIn);
  const installed = reporters.map(({ name, description, file }) => ({ name, description, file, builtIn: false, options: undefined }));
  const sections = [
    ...section("The project's plugins", own, columns, paint),
    ...section('Installed reporters', installed, columns, paint),
    ...section('Built in', builtIn, columns, paint),
  ];
  return sections.map((text) => `${text}\n`).join('\n');
}
