import { roleOf, type ScriptRole } from './scripts/roles.ts';
import { splitChain, splitWords } from './scripts/command-line.ts';
import { referencedScripts, runsInAllPackages, runsTreadle } from './scripts/references.ts';
import { knownCommand, type CommandKind, type KnownCommand } from './scripts/tools.ts';
import { makeStep, type StepDraft } from './step-draft.ts';

/** What the scripts of a package.json come to, as steps. */
export interface FoundSteps {
  /** They change nothing and need nothing: they can run at the same time. */
  readonly checks: readonly StepDraft[];
  readonly builds: readonly StepDraft[];
  /** In order. */
  readonly tests: readonly StepDraft[];
  /** Whether the project itself builds before it tests. */
  readonly testsNeedBuild: boolean;
  readonly e2e: readonly StepDraft[];
}

/** A project's scripts, and how they are run. */
export interface ScriptSource {
  readonly scripts: ReadonlyMap<string, string>;
  /** `npm run` or the like; the script's name follows. */
  readonly runScript: string;
  /** Put before a command whose program is in an installed package: only Yarn's Plug'n'Play needs it. */
  readonly launcher?: string;
  /** Whether `tsc` by itself only checks types, since tsconfig.json says so. */
  readonly tscOnlyChecks: boolean;
}

/** A command of a script, or the script as a whole. */
interface Part {
  readonly command: string;
  readonly script: string;
  readonly role: ScriptRole;
  readonly known: KnownCommand | undefined;
  /** Whether it is one of several commands of its script. */
  readonly isOneOfMany: boolean;
}

/** Scripts that change files, and how their brothers that do not are called. */
const writes = /\s--(?:fix|write)\b/;
const checking = ['check', 'nofix', 'no-fix', 'ci'];
const startsScripts = /^(?:run-[sp]|npm-run-all2?|concurrently|npm|pnpm|yarn|bun)\s/;
const longestCommand = 100;
const placeholder = /no test specified/;
const checkRoles: ReadonlySet<ScriptRole> = new Set(['format', 'lint', 'types', 'checks']);
const checkKinds: ReadonlySet<CommandKind> = new Set(['format', 'lint', 'types']);

/** Reads the scripts of a package.json as the steps of a pipeline. */
export function findSteps(source: ScriptSource): FoundSteps {
  const reader = new ScriptReader(source);
  for (const role of ['format', 'lint', 'types', 'checks'] as const) {
    for (const name of reader.named(role)) reader.readCheck(name, role);
  }
  for (const name of reader.named('test')) reader.readTests(name);
  if (!reader.hasTests) for (const name of reader.named('more-tests')) reader.readTests(name);
  for (const name of reader.named('e2e')) reader.readTests(name);
  const [build] = reader.named('build').toSorted((one, other) => Number(other === 'build') - Number(one === 'build'));
  if (build !== undefined) reader.readBuild(build);
  return reader.found();
}

class ScriptReader {
  private readonly checks = new Map<string, StepDraft>();
  private readonly builds = new Map<string, StepDraft>();
  private readonly tests = new Map<string, StepDraft>();
  private readonly e2e = new Map<string, StepDraft>();
  private readonly read = new Set<string>();
  private testsNeedBuild = false;
  private readonly source: ScriptSource;

  constructor(source: ScriptSource) {
    this.source = source;
  }

  get hasTests(): boolean {
    return this.tests.size > 0;
  }

  found(): FoundSteps {
    const { testsNeedBuild } = this;
    for (const command of this.checks.keys()) if (this.isCovered(command)) this.checks.delete(command);
    const [checks, builds, tests, e2e] = [this.checks, this.builds, this.tests, this.e2e].map((steps) => [...steps.values()]);
    return { checks: checks ?? [], builds: builds ?? [], tests: tests ?? [], e2e: e2e ?? [], testsNeedBuild };
  }

  /** `biome check` formats and lints, and so does `vp check`. */
  private isCovered(command: string): boolean {
    const part = /^(?:biome (?:format|lint)|vp (?:fmt --check|lint|fmt))(?<paths>\s.*)?$/.exec(command);
    if (part === null) return false;
    const [tool = ''] = command.split(' ');
    const paths = part.groups?.['paths'] ?? '';
    return [`${tool} check${paths}`, `${tool} ci${paths}`, `${tool} check`, `${tool} ci`].some((whole) => this.checks.has(whole));
  }

  /** Scripts that are for something, by their names. */
  named(role: ScriptRole): readonly string[] {
    const { scripts } = this.source;
    return [...scripts]
      .filter(([name, text]) => roleOf(name) === role && !isHook(name, scripts) && !placeholder.test(text))
      .map(([name]) => name);
  }

  readCheck(name: string, role: ScriptRole): void {
    if (this.read.has(name)) return;
    this.read.add(name);
    const { scripts } = this.source;
    const better = writes.test(scripts.get(name) ?? '')
      ? checking.map((end) => `${name}:${end}`).find((each) => scripts.has(each))
      : undefined;
    if (better !== undefined) return this.readCheck(better, role);
    const names = [`pre${name}`, name, `post${name}`].filter((each) => scripts.has(each));
    const taken = names.map((each) => this.partsOf(each, role));
    const parts = taken.flatMap((each) => each ?? []);
    const isWhole = !taken.includes(undefined) && parts.every((part) => this.isCheck(part, role, parts.length === 1));
    // Of a script that runs everything, the checks are taken; tests and builds have scripts of their own.
    if (!isWhole && role !== 'checks') {
      for (const part of parts) if (typeof part === 'string') this.read.add(part);
      return this.addCheck(this.wholeScript(name, role, parts));
    }
    for (const part of parts.filter((each) => this.isCheck(each, role, false) || isWhole)) {
      if (typeof part === 'string') this.readCheck(part, checkRoles.has(roleOf(part)) ? roleOf(part) : role);
      else if (!this.isBetterWritten(part)) this.addCheck(part);
    }
  }

  readTests(name: string): void {
    if (this.read.has(name)) return;
    this.read.add(name);
    const { scripts } = this.source;
    let before: string[] = [];
    const isOnly = this.countTests(name) < 2;
    for (const each of [`pre${name}`, name, `post${name}`].filter((script) => scripts.has(script))) {
      const parts = this.partsOf(each, roleOf(name));
      if (parts === undefined) {
        this.addTest(this.wholeScript(each, 'test', []), before);
        before = [];
        continue;
      }
      for (const part of parts) {
        if (typeof part === 'string') before = this.readReference(part, before);
        else before = this.readTestPart(isOnly && part.known?.kind === 'test' ? { ...part, isOneOfMany: false } : part, before);
      }
    }
    // What comes after the last test, such as a report of the coverage; or tests by a program that nobody knows.
    if (before.length === 0) return;
    this.addTest({ command: before.join(' && '), script: name, role: 'test', known: undefined, isOneOfMany: false }, []);
  }

  private countTests(name: string): number {
    return (this.partsOf(name, 'test') ?? []).filter((part) => typeof part !== 'string' && part.known?.kind === 'test').length;
  }

  readBuild(name: string): void {
    if (this.read.has(name)) return;
    this.read.add(name);
    const { scripts } = this.source;
    const parts = scripts.has(`pre${name}`) || scripts.has(`post${name}`) ? undefined : this.partsOf(name, 'build');
    if (parts?.length === 0) return;
    const commands = parts?.filter((part) => typeof part !== 'string');
    const matcher = commands?.find(({ known }) => known?.problemMatcher === '$tsc')?.known?.problemMatcher;
    const isPlain =
      commands?.length === parts?.length &&
      commands?.every(({ command }) => !startsScripts.test(command) || runsInAllPackages(command)) === true;
    const inline = isPlain
      ? commands.map(({ known, command: text }) => this.launched(known?.command ?? text, known !== undefined)).join(' && ')
      : undefined;
    const command = inline === undefined || inline.length > longestCommand ? `${this.source.runScript} ${name}` : inline;
    this.builds.set(
      name,
      makeStep({
        id: name,
        kind: 'build',
        command,
        ...(matcher === undefined ? {} : { problemMatcher: matcher }),
      }),
    );
  }

  /** What a script is made of: names of other scripts, and commands. `undefined` when it cannot be taken apart. */
  private partsOf(name: string, role: ScriptRole): readonly (string | Part)[] | undefined {
    const text = this.source.scripts.get(name) ?? '';
    // A script sees variables of its package manager that a step does not have.
    const chain = /\bnpm_(?:package|config|lifecycle)|^wireit$/.test(text) ? undefined : splitChain(text);
    return chain?.flatMap((command): readonly (string | Part)[] => {
      // It would run the pipeline that it becomes a step of.
      if (runsTreadle(command)) return [];
      const names = referencedScripts(command, this.source.scripts);
      if (names !== undefined) return names.includes(name) ? [] : names;
      return [{ command, script: name, role, known: this.know(command, role), isOneOfMany: chain.length > 1 }];
    });
  }

  private know(command: string, role: ScriptRole): KnownCommand | undefined {
    const known = knownCommand(command);
    if (known === undefined || known.tool !== 'tsc') return known;
    const checks = role === 'types' || role === 'lint' || this.source.tscOnlyChecks || /\s--noEmit\b/.test(command);
    return { ...known, kind: checks && role !== 'build' ? 'types' : 'build' };
  }

  private isCheck(part: string | Part, role: ScriptRole, isAlone: boolean): boolean {
    if (typeof part !== 'string') return part.known === undefined ? isAlone && role !== 'checks' : checkKinds.has(part.known.kind);
    const own = roleOf(part);
    return checkRoles.has(own) || (own === 'none' && role === 'lint');
  }

  /** A formatter that writes, made one that checks, where a script that checks is there too. */
  private isBetterWritten({ known, script, command, role }: Part): boolean {
    if (known?.kind !== 'format' || known.command === command || role !== 'format') return false;
    return this.named('format').some((name) => name !== script);
  }

  private wholeScript(name: string, role: ScriptRole, parts: readonly (string | Part)[]): Part {
    const matcher = parts
      .map((part) => (typeof part === 'string' ? this.matcherOf(part) : part.known?.problemMatcher))
      .find((each) => each !== undefined);
    const command = `${this.source.runScript} ${name}`;
    const kind: CommandKind = role === 'format' || role === 'types' ? role : 'lint';
    const known = matcher === undefined ? undefined : { tool: name, kind, command, problemMatcher: matcher, reportsTests: false };
    return { command, script: name, role, known, isOneOfMany: false };
  }

  private matcherOf(name: string): string | undefined {
    return knownCommand(this.source.scripts.get(name) ?? '')?.problemMatcher;
  }

  /** A script that the tests run: it may be anything. Returns what is to run before the next test. */
  private readReference(name: string, before: string[]): string[] {
    const role = roleOf(name);
    if (checkRoles.has(role)) {
      this.readCheck(name, role);
      return before;
    }
    if (role === 'build') {
      this.readBuild(name);
      this.testsNeedBuild = true;
      return before;
    }
    if (role === 'test' || role === 'more-tests' || role === 'e2e') {
      if (before.length > 0) this.addTest(this.wholeScript(name, 'test', []), before);
      else this.readTests(name);
      return [];
    }
    const [part, ...more] = this.partsOf(name, 'test') ?? [];
    if (more.length === 0 && part !== undefined && typeof part !== 'string' && part.known !== undefined)
      return this.readTestPart(part, before);
    return [...before, `${this.source.runScript} ${name}`];
  }

  private readTestPart(part: Part, before: string[]): string[] {
    const kind = part.known?.kind;
    if (kind !== undefined && checkKinds.has(kind)) {
      this.addCheck(part);
      return before;
    }
    const build = kind === 'build' ? this.named('build').find((name) => this.source.scripts.get(name) === part.command) : undefined;
    if (build !== undefined) return this.readReference(build, before);
    if (kind === 'test' || kind === 'e2e' || (part.known === undefined && !part.isOneOfMany)) {
      this.addTest(part, before);
      return [];
    }
    return [...before, part.command];
  }

  private addCheck(part: Part): void {
    const command = part.known?.command ?? part.command;
    if (this.checks.has(command)) return;
    const kind = part.known?.kind ?? (part.role === 'format' || part.role === 'types' ? part.role : 'lint');
    const { problemMatcher } = part.known ?? {};
    const launched = this.launched(command, part.known !== undefined);
    this.checks.set(
      command,
      makeStep({ id: idOf(part), kind, command: launched, ...(problemMatcher === undefined ? {} : { problemMatcher }) }),
    );
  }

  private addTest(part: Part, before: readonly string[]): void {
    const own = part.known?.command ?? part.command;
    const command = [...before, this.launched(own, part.known !== undefined)].join(' && ');
    const isE2e = part.known?.kind === 'e2e' || roleOf(part.script) === 'e2e';
    const steps = isE2e ? this.e2e : this.tests;
    if (steps.has(command)) return;
    steps.set(
      command,
      makeStep({
        id: idOf(part),
        kind: isE2e ? 'e2e' : 'test',
        command,
        reportsTests: part.known?.reportsTests ?? false,
        ...runnerOf(part),
      }),
    );
  }

  private launched(command: string, isProgram: boolean): string {
    const { launcher } = this.source;
    if (launcher === undefined || !isProgram || /^(?:node|npx|npm|yarn|pnpm|bun)\b/.test(command)) return command;
    return command
      .split(' && ')
      .map((each) => `${launcher} ${each}`)
      .join(' && ');
  }
}

function isHook(name: string, scripts: ReadonlyMap<string, string>): boolean {
  const of = /^(?:pre|post)(?<name>.+)$/.exec(name)?.groups?.['name'];
  return of !== undefined && scripts.has(of);
}

/** The script's name, or the program's where the script has several. */
function idOf({ isOneOfMany, known, script, command }: Part): string {
  if (!isOneOfMany || known === undefined) return script;
  const project = /^tsc\s+(?:-p|--project)\s+(?<project>[\w@./-]+)/.exec(command)?.groups?.['project'];
  return project === undefined ? known.tool : `${known.tool} ${project}`;
}

/** The runner that the `tests` plugin would not see in a command, such as `dotenvx run -- vitest run`. */
function runnerOf({ known, command }: Part): { readonly runner?: string; readonly reportsTests?: true } {
  const runners = ['vitest', 'jest', 'mocha'];
  if (known !== undefined) return known.isHidden === true && runners.includes(known.tool) ? { runner: known.tool } : {};
  if (splitChain(command)?.length !== 1) return {};
  const runner = runners.find((name) => splitWords(command).includes(name));
  return runner === undefined ? {} : { runner, reportsTests: true };
}
