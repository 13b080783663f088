import { splitWords } from './command-line.ts';

/** What a command does for a project. */
export type CommandKind = 'format' | 'lint' | 'types' | 'test' | 'e2e' | 'build';

/** A command whose program is known. */
export interface KnownCommand {
  readonly tool: string;
  readonly kind: CommandKind;
  /** As it is to run in a pipeline: it changes no sources, watches nothing, and says what Treadle can read. */
  readonly command: string;
  readonly problemMatcher?: string;
  /** Its test cases can be told apart: by the `tests` plugin itself, or because it writes TAP. */
  readonly reportsTests: boolean;
  /** Another program starts it, with options before it whose values look like programs. */
  readonly isHidden?: true;
}

interface Tool {
  readonly kind: CommandKind;
  /** The first word after the program, for programs that do several things. */
  readonly verb?: RegExp;
  readonly problemMatcher?: string;
  readonly reportsTests?: boolean;
  /** What to take out of the command: options that change files. */
  readonly without?: RegExp;
  /** What to write instead of an option or a word. */
  readonly instead?: readonly [RegExp, string];
  /** What to add unless something of the kind is there. */
  readonly add?: readonly [words: string, unless: RegExp];
}

const fixes = /\s--fix(?:-type|-dry-run|-dangerously|-suggestions)?(?:=\S+)?(?=\s|$)/g;
const writes = /\s--(?:write|apply|apply-unsafe|unsafe|fix)(?=\s|$)/g;
const ownFormat = /\s(?:--format(?:ter)?|--reporters?|-f)[\s=]/;
/** Reports for people: the `tests` plugin asks for one that Treadle reads, unless the command chooses another. */
const reporters = /\s(?:--reporters?|-R|--test-reporter(?:-destination)?)(?:=|\s+)(?:"[^"]*"|'[^']*'|[^\s"']+)/;
const without = (...options: readonly RegExp[]): RegExp => new RegExp(options.map(({ source }) => source).join('|'), 'g');
const eslintLike: Tool = { kind: 'lint', problemMatcher: '$eslint-stylish', without: fixes };

const standardLike: Tool = { kind: 'lint', problemMatcher: '$standard', without: fixes };

const tools: { readonly [program: string]: readonly Tool[] } = {
  prettier: [{ kind: 'format', verb: /^/, instead: [/\s(?:--write|-w)(?=\s|$)/, ' --check'] }],
  oxfmt: [{ kind: 'format', without: /\s--write(?=\s|$)/g, add: ['--check', /\s--check\b/] }],
  dprint: [{ kind: 'format', verb: /^(?:check|fmt)$/, instead: [/\bfmt\b/, 'check'] }],
  eslint: [eslintLike],
  eslint_d: [eslintLike],
  xo: [{ ...eslintLike, add: ['--reporter=stylish', /\s--reporter[\s=]/] }],
  standard: [standardLike],
  'ts-standard': [standardLike],
  semistandard: [standardLike],
  oxlint: [{ ...eslintLike, add: ['--format=stylish', ownFormat] }],
  biome: [
    { kind: 'format', verb: /^format$/, without: writes },
    { kind: 'lint', verb: /^(?:check|lint|ci)$/, without: writes, problemMatcher: '$biome' },
  ],
  next: [
    { kind: 'lint', verb: /^lint$/, without: fixes },
    { kind: 'build', verb: /^build$/ },
  ],
  deno: [
    { kind: 'format', verb: /^fmt$/, add: ['--check', /\s--check\b/] },
    { kind: 'lint', verb: /^lint$/, without: fixes },
    { kind: 'types', verb: /^check$/ },
    { kind: 'test', verb: /^test$/ },
  ],
  vp: [
    { kind: 'format', verb: /^fmt$/, add: ['--check', /\s--check\b/] },
    { kind: 'lint', verb: /^(?:lint|check)$/, without: fixes },
    { kind: 'test', verb: /^test$/ },
    { kind: 'build', verb: /^(?:build|pack)$/ },
  ],
  tsc: [{ kind: 'types', problemMatcher: '$tsc' }],
  tsgo: [{ kind: 'types', problemMatcher: '$tsc' }],
  'vue-tsc': [{ kind: 'types', problemMatcher: '$tsc' }],
  mocha: [{ kind: 'test', reportsTests: true, without: without(reporters, /\s(?:--watch|-w)(?=\s|$)/) }],
  jest: [{ kind: 'test', reportsTests: true, without: without(reporters, /\s--watch(?:All)?(?=\s|$)/) }],
  vitest: [
    { kind: 'test', verb: /^(?:run|related)$/, reportsTests: true, without: without(reporters) },
    {
      kind: 'test',
      reportsTests: true,
      without: without(reporters, /\s(?:--watch|-w|--ui|--run)(?=\s|$)/),
      instead: [/\bvitest(?:\s+(?:watch|dev))?(?=\s|$)/, 'vitest run'],
    },
  ],
  node: [{ kind: 'test', reportsTests: true, without: without(reporters) }],
  tsx: [{ kind: 'test', reportsTests: true, without: without(reporters) }],
  ava: [{ kind: 'test', reportsTests: true, without: /\s(?:--watch|-w|--verbose|-v)(?=\s|$)/g, add: ['--tap', /\s(?:--tap|-t)\b/] }],
  tap: [{ kind: 'test', reportsTests: true, without: without(reporters), add: ['--reporter=tap', /\s(?:--reporter|-R)/] }],
  tape: [{ kind: 'test', reportsTests: true }],
  playwright: [{ kind: 'e2e', verb: /^test$/, reportsTests: true, without: without(reporters, /\s--(?:ui|debug|headed)(?=\s|$)/) }],
  cypress: [{ kind: 'e2e', verb: /^run$/ }],
  ng: [
    { kind: 'build', verb: /^build$/ },
    { kind: 'test', verb: /^test$/, add: ['--watch=false', /\s--(?:no-)?watch/] },
    { kind: 'lint', verb: /^lint$/, without: fixes },
  ],
  'react-scripts': [
    { kind: 'build', verb: /^build$/ },
    { kind: 'test', verb: /^test$/, add: ['--watchAll=false', /\s--(?:no-)?watch/] },
  ],
  bun: [
    { kind: 'test', verb: /^test$/ },
    { kind: 'build', verb: /^build$/ },
  ],
};

const others: { readonly [Kind in CommandKind]?: readonly string[] } = {
  lint: [
    'stylelint',
    'tslint',
    'markdownlint',
    'markdownlint-cli2',
    'knip',
    'publint',
    'attw',
    'cspell',
    'editorconfig-checker',
    'ls-lint',
    'jshint',
    'actionlint',
    'syncpack',
    'sherif',
    'manypkg',
  ],
  types: ['tsd', 'tstyche', 'flow', 'svelte-check', 'glint', 'dtslint', 'expect-type'],
  test: ['borp', 'uvu', 'jasmine', 'lab', 'qunit', 'web-test-runner', 'wtr', 'karma'],
  e2e: ['wdio', 'nightwatch', 'testcafe'],
  build: [
    'rollup',
    'rolldown',
    'webpack',
    'rspack',
    'tsup',
    'tsdown',
    'unbuild',
    'esbuild',
    'swc',
    'babel',
    'microbundle',
    'pkgroll',
    'zshy',
    'bunchee',
    'ncc',
    'parcel',
  ],
};

/** Programs that only start another one, which their arguments name. */
const launchers = /^(?:npx|pnpx|bunx|pnpm|yarn|npm|bun|exec|dlx|x|cross-env|env|dotenv|time)$/;
const optionWithValue = /^(?:-p|--package|-c|--config|--exclude|-x|--include|-n|--reporter|-r|--src|--all-files|-e)$/;

/** Finds the program that a command is there for, and how it is to run in a pipeline. */
export function knownCommand(command: string): KnownCommand | undefined {
  const words = splitWords(command);
  let afterLauncher = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const program = programName(word);
    const rest = words.slice(at + 1);
    if (program === 'c8' || program === 'nyc') return covered(rest, command);
    if (afterLauncher && optionWithValue.test(word)) at += 1;
    else if (launchers.test(program) && !isOwnVerb(program, rest)) afterLauncher = true;
    else if (!/^-|^\w+=/.test(word)) return describe(program, rest, command);
  }
  return undefined;
}

/** What runs under a tool for coverage: its options have values, so the first word with a name that is known counts. */
function covered(words: readonly string[], command: string): KnownCommand | undefined {
  let skipped = false;
  for (const [at, word] of words.entries()) {
    const known = word.startsWith('-') ? undefined : describe(programName(word), words.slice(at + 1), command);
    if (known !== undefined) return skipped ? { ...known, isHidden: true } : known;
    // Node and what only starts another program may stand between them.
    if (!word.startsWith('-') && !launchers.test(programName(word))) skipped = true;
  }
  return undefined;
}

function isOwnVerb(program: string, [verb = '']: readonly string[]): boolean {
  return program === 'bun' && /^(?:test|build)$/.test(verb);
}

function programName(word: string): string {
  const file = word.replace(/^.*[\\/]/, '').replace(/\.(?:cmd|exe|[cm]?js)$/, '');
  return file.replace(/(?<=.)@[\w.^~-]+$/, '').replace(/^_mocha$/, 'mocha');
}

function describe(program: string, rest: readonly string[], command: string): KnownCommand | undefined {
  if (program === 'node' || program === 'tsx') {
    if (!rest.includes('--test') || rest.includes('--watch')) return undefined;
  }
  if (program === 'prettier' && !rest.some((word) => /^(?:--check|-c|--list-different|-l|--write|-w)$/.test(word))) return undefined;
  const [verb = ''] = rest.filter((word) => !word.startsWith('-'));
  const known = Object.hasOwn(tools, program) ? tools[program] : undefined;
  const tool = known?.find((each) => each.verb === undefined || each.verb.test(verb)) ?? otherTool(program, verb);
  if (tool === undefined) return undefined;
  const matcher = ownFormatOf(tool, command) ? undefined : tool.problemMatcher;
  return {
    tool: program,
    kind: program === 'tsc' && isTypeScriptBuild(rest) ? 'build' : tool.kind,
    command: adjust(tool, command),
    reportsTests: tool.reportsTests ?? false,
    ...(matcher === undefined ? {} : { problemMatcher: matcher }),
  };
}

/** Whether a linter is told to write something that the matcher does not read. */
function ownFormatOf({ problemMatcher }: Tool, command: string): boolean {
  return problemMatcher === '$eslint-stylish' && ownFormat.test(command) && !/stylish/.test(command);
}

function isTypeScriptBuild(rest: readonly string[]): boolean {
  return rest.some((word) => /^(?:-b|--build|--outDir|--declaration|--emitDeclarationOnly)$/.test(word)) && !rest.includes('--noEmit');
}

function otherTool(program: string, verb: string): Tool | undefined {
  for (const kind of ['lint', 'types', 'test', 'e2e', 'build'] as const) {
    if (others[kind]?.includes(program) === true) return { kind, without: fixes };
  }
  const builds = /^(?:vite|nuxt|nuxi|astro|remix|react-router|svelte-kit|vue-cli-service|preconstruct|father|storybook|vitepress)$/;
  if (builds.test(program)) {
    if (verb === 'build') return { kind: 'build' };
    if (program === 'astro' && verb === 'check') return { kind: 'types' };
  }
  return program === 'svelte-package' ? { kind: 'build' } : undefined;
}

function adjust({ without, instead, add }: Tool, command: string): string {
  let text = without === undefined ? command : command.replace(without, '');
  if (instead !== undefined) text = text.replace(instead[0], instead[1]);
  if (add !== undefined && !add[1].test(text)) text = `${text} ${add[0]}`;
  return text.trim();
}
