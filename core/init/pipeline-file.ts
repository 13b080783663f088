import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Code, CodePrinter, type Item } from './print-code.ts';
import type { ProjectFacts } from './project-facts.ts';
import { samplePlugin } from './sample-plugin.ts';
import { type StepDraft, withUniqueIds } from './step-draft.ts';

/** In which language the files are written, and what they are called. */
export interface FileNames {
  readonly pipeline: string;
  readonly plugin: string;
  readonly pluginImport: string;
  readonly language: 'ts' | 'js';
  /** Folder of plugins, where it is not the usual one. */
  readonly pluginFolder: string | undefined;
  /** Why it is not TypeScript, in a project that is. */
  readonly remark: string | undefined;
}

/** Chooses names that the project's own compiler has nothing against. */
export function nameFiles({ root, manifest, usesTypeScript, typescript }: ProjectFacts): FileNames {
  const script = manifest.isModule ? 'js' : 'mjs';
  const isChecked = typescript?.takesInRoot === true;
  const isUnderstood = !isChecked || typescript.understandsPipelines;
  const language = usesTypeScript && isUnderstood ? 'ts' : 'js';
  const extension = language === 'js' ? script : isChecked && typescript.followsPackageType && !manifest.isModule ? 'mts' : 'ts';
  const imported = isChecked && !typescript.allowsTsImports ? extension.replace('t', 'j') : extension;
  // Other tools have folders of that name, whose files are no steps.
  const isTaken = holdsModules(join(root, 'plugins'));
  const folder = isTaken ? 'treadle-plugins' : 'plugins';
  return {
    pipeline: `treadle.config.${extension}`,
    plugin: `${folder}/${samplePlugin}.${extension}`,
    pluginImport: `./${folder}/${samplePlugin}.${imported}`,
    language,
    pluginFolder: isTaken ? folder : undefined,
    remark:
      usesTypeScript && !isUnderstood
        ? `treadle.config.${extension}: JavaScript, since tsconfig.json takes in files of this folder and its settings (rootDir, moduleResolution) do not fit a pipeline file.`
        : undefined,
  };
}

function holdsModules(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => /\.[cm]?[jt]sx?$/.test(String(name)));
}

/** The text of a pipeline file that fits a project. */
export function pipelineText(facts: ProjectFacts, names: FileNames, withPlugin: boolean): string {
  const printer = new CodePrinter(facts.style);
  const text = (value: string): string => printer.text(value);
  const drafts = uniquely(facts);
  const plugin: Code | undefined =
    withPlugin && facts.sourceFolder !== undefined
      ? { call: samplePlugin, arguments: [text(samplePlugin), { object: [['folder', text(facts.sourceFolder)]] }] }
      : undefined;
  const step = (draft: StepDraft): Code => stepCode(draft, text);
  const tests: readonly Code[] =
    drafts.tests.length > 1 ? [{ call: 'sequence', arguments: [{ list: drafts.tests.map(step) }] }] : drafts.tests.map(step);
  const together = [...drafts.checks.map(step), ...(plugin === undefined ? [] : [plugin]), ...(drafts.testsNeedBuild ? [] : tests)];
  const steps: Item[] = [
    ...inParallel(together, text),
    ...drafts.builds.map(step),
    ...(drafts.testsNeedBuild ? tests : []),
    ...serverCode(facts, text),
    ...drafts.e2e.map(step),
  ];
  const isEmpty = steps.length === 0;
  if (isEmpty) {
    const hello: Code = { call: 'shell', arguments: [text('hello'), text('echo hello')] };
    steps.push({ comment: 'Put your own commands here; those in a list of their own run at the same time.', code: hello });
  }
  const called: readonly string[] = ['all', 'sequence', 'service', 'shell', 'tests'];
  const used = called.filter((name) => (isEmpty ? name === 'shell' : calls(steps, name)));
  const settings: Code | undefined =
    names.pluginFolder === undefined
      ? undefined
      : { object: [['plugins', { list: plugin === undefined ? [] : [text(names.pluginFolder)] }]] };
  const builders = used.filter((name) => name === 'all' || name === 'sequence');
  const plugins = used.filter((name) => name !== 'all' && name !== 'sequence');
  return [
    importLine(facts, ['definePipeline', ...builders].toSorted(), text('treadle')),
    ...(plugins.length === 0 ? [] : [importLine(facts, plugins, text('treadle/plugins'))]),
    ...(plugin === undefined ? [] : [`import ${samplePlugin} from ${text(names.pluginImport)}${facts.style.semicolon}\n`]),
    '\n',
    printer.statement('export default ', {
      call: 'definePipeline',
      arguments: [{ list: steps }, ...(settings === undefined ? [] : [settings])],
    }),
  ].join('');
}

function uniquely({ steps, server }: ProjectFacts): ProjectFacts['steps'] {
  const taken = new Set([groupId, samplePlugin, ...(server === undefined ? [] : [server.id])]);
  return {
    ...steps,
    checks: withUniqueIds(steps.checks, taken),
    builds: withUniqueIds(steps.builds, taken),
    tests: withUniqueIds(steps.tests, taken),
    e2e: withUniqueIds(steps.e2e, taken),
  };
}

/** Named, so that `--only checks` runs them. */
const groupId = 'checks';

function inParallel(together: readonly Code[], text: (value: string) => string): readonly Item[] {
  if (together.length < 2) return together;
  const group: Code = { call: 'all', arguments: [{ list: together }, { object: [['id', text(groupId)]] }] };
  return [{ comment: 'These run at the same time.', code: group }];
}

function stepCode({ id, plugin, command, problemMatcher, runner, cwd, inputs }: StepDraft, text: (value: string) => string): Code {
  const options: (readonly [string, Code])[] = [
    ['command', text(command)],
    ...(runner === undefined ? [] : [['runner', text(runner)] as const]),
    ...(cwd === undefined ? [] : [['cwd', text(cwd)] as const]),
    ...(problemMatcher === undefined ? [] : [['problemMatcher', text(problemMatcher)] as const]),
  ];
  return {
    call: plugin,
    arguments: [
      text(id),
      options.length === 1 ? text(command) : { object: options },
      ...(inputs === undefined ? [] : [{ object: [['inputs', { list: inputs.map(text) }]] } as const]),
    ],
  };
}

function serverCode({ server }: ProjectFacts, text: (value: string) => string): readonly Item[] {
  if (server === undefined) return [];
  const ready: Code = { object: [['url', text(server.url)]] };
  const code: Code = {
    call: 'service',
    arguments: [
      text(server.id),
      {
        object: [
          ['command', text(server.command)],
          ['ready', ready],
        ],
      },
    ],
  };
  const comment = server.isGuess
    ? 'Stays up until the run ends. Correct the address if the server listens elsewhere.'
    : 'Stays up until the run ends.';
  return [{ comment, code }];
}

function importLine({ style }: ProjectFacts, names: readonly string[], from: string): string {
  return `import {${style.braceSpace}${names.join(', ')}${style.braceSpace}} from ${from}${style.semicolon}\n`;
}

function calls(items: readonly Item[], name: string): boolean {
  return items.some((item) => {
    if (typeof item === 'string') return false;
    if ('comment' in item) return calls([item.code], name);
    if ('call' in item) return item.call === name || calls(item.arguments, name);
    return 'list' in item && calls(item.list, name);
  });
}
