import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { createEngine, type Engine, type RunRequest } from '../../core/engine.ts';
import { LastResults } from '../../core/watch/last-results.ts';
import { withProject, type CliProject } from '../support/cli.ts';

/** What a generated step does: everything that it reads goes into what it writes. */
interface Work {
  readonly files: readonly string[];
  readonly keys: readonly string[];
  /** Read only when what was read so far has an even sum: what a step reads can depend on what it reads. */
  readonly perhaps: string;
  readonly writes: string;
  readonly how: 'set' | 'add' | 'push' | 'delete';
  readonly looks: boolean;
  /** Whether it says which files it reads. */
  readonly declares: boolean;
  /** Whether it writes a file, most of the time. */
  readonly makes: boolean;
  /** Steps whose files it reads, counted modulo the number of steps; only such as run before or after it, not beside it. */
  readonly made: readonly number[];
  /** It fails when its sum can be divided by this. */
  readonly fails: number | undefined;
  readonly critical: boolean;
  /** It runs only when what this key holds is even. */
  readonly when: string | undefined;
}
type Node =
  { readonly work: Work } | { readonly group: readonly Node[]; readonly required: number } | { readonly sequence: readonly Node[] };

const keys = ['k0', 'k1', 'k2', 'k3'];
const files = ['f0', 'f1', 'f2'];

const work: fc.Arbitrary<Work> = fc.record({
  files: fc.subarray(files),
  keys: fc.subarray(keys),
  perhaps: fc.constantFrom(...keys),
  writes: fc.constantFrom(...keys),
  how: fc.constantFrom('set', 'add', 'push', 'delete'),
  looks: fc.boolean(),
  declares: fc.nat(3).map((number) => number > 0),
  makes: fc.boolean(),
  made: fc.uniqueArray(fc.nat(11), { maxLength: 2 }),
  fails: fc.option(fc.constantFrom(3, 5), { nil: undefined, freq: 3 }),
  critical: fc.boolean(),
  when: fc.option(fc.constantFrom(...keys), { nil: undefined, freq: 3 }),
});
const { nodes } = fc.letrec<{ node: Node; nodes: readonly Node[] }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ work }),
    fc.record({ group: tie('nodes'), required: fc.nat(2) }),
    fc.record({ sequence: tie('nodes') }),
  ),
  nodes: fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
}));
/** Contents that files get, one round after another, or that they are deleted; files of steps that are; and whether the steps' code changes. */
const edits = fc.array(
  fc.record({
    contents: fc.dictionary(fc.constantFrom(...files), fc.option(fc.nat(3))),
    lost: fc.uniqueArray(fc.nat(11), { maxLength: 2 }),
    change: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Each step with the number of the top-level node that it is in. */
function worksOf(children: readonly Node[], top?: number): readonly { readonly work: Work; readonly top: number }[] {
  return children.flatMap((node, at) => {
    if ('work' in node) return [{ work: node.work, top: top ?? at }];
    return worksOf('group' in node ? node.group : node.sequence, top ?? at);
  });
}

/** The text of a pipeline file. Step number n writes the file `made/n`. */
function code(children: readonly Node[], version: number): string {
  const works = worksOf(children);
  let count = 0;
  const one = (node: Node): string => {
    if ('group' in node) {
      const inner = node.group.map(one);
      const required = [1, Math.min(2, inner.length), inner.length][node.required];
      return `atLeast(${required}, [${inner.join(', ')}])`;
    }
    if ('sequence' in node) return `sequence([${node.sequence.map(one).join(', ')}])`;
    const own = count;
    count += 1;
    const made = node.work.made.map((at) => at % works.length).filter((at) => works[at]?.top !== works[own]?.top);
    const reads = [...node.work.files, ...made.map((at) => `made/${at}`)];
    const settings = [
      `executor: 'inline', critical: ${node.work.critical}`,
      ...(node.work.declares ? [`inputs: ${JSON.stringify(reads)}`] : []),
      ...(node.work.makes ? [`outputs: ['made/${own}']`] : []),
      ...(node.work.when === undefined ? [] : [`when: ({ results }) => String(results.${node.work.when} ?? '').length % 2 === 0`]),
    ];
    return `step('s${own}', work(${JSON.stringify({ ...node.work, reads, own })}, ${version}), { ${settings.join(', ')} })`;
  };
  return `import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
    import { atLeast, definePipeline, sequence, step } from 'treadle';
    const read = (file) => { try { return readFileSync(file, 'utf8'); } catch { return 'none'; } };
    const work = (todo, version) => ({ cwd, results }) => {
      let sum = version;
      const add = (text) => { for (const character of String(text)) sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003; };
      const own = cwd + '/made/' + todo.own;
      if (todo.makes) rmSync(own, { force: true });
      for (const file of todo.reads) add(read(cwd + '/' + file));
      for (const key of todo.keys) add(JSON.stringify(results[key]));
      if (sum % 2 === 0) add(JSON.stringify(results[todo.perhaps]));
      if (todo.looks) add(Object.keys(results));
      if (todo.fails !== undefined && sum % todo.fails === 0) throw new Error('sum ' + sum);
      if (todo.makes && sum % 4 !== 0) {
        mkdirSync(cwd + '/made', { recursive: true });
        writeFileSync(own, String(sum));
      }
      const before = results[todo.writes];
      if (todo.how === 'delete' && sum % 3 !== 0) delete results[todo.writes];
      else if (todo.how === 'add' && (before === undefined || typeof before === 'number')) results[todo.writes] = (before ?? 0) + (sum % 7);
      else if (todo.how === 'push' && (before === undefined || Array.isArray(before))) results[todo.writes] = [...(before ?? []), sum % 5];
      else results[todo.writes] = sum;
    };
    export default definePipeline([${children.map(one).join(', ')}], { failFast: false });`;
}

/** How a run ended, with the files that steps left. */
interface Ending {
  readonly status: string;
  readonly values: readonly (readonly [string, unknown])[];
  readonly errors: readonly string[];
  readonly steps: Readonly<Record<string, string>>;
  readonly made: readonly (string | undefined)[];
  readonly cached: number;
}

/** One way of running the same pipeline after the same edits, in a project of its own. */
class Way {
  private engine: Engine | undefined;
  private readonly project: CliProject;
  private readonly request: RunRequest;
  private readonly memory: LastResults | undefined;

  constructor(project: CliProject, kind: { readonly memory: boolean; readonly cache: boolean }) {
    this.project = project;
    this.memory = kind.memory ? new LastResults(project.root) : undefined;
    this.request = { ...(this.memory === undefined ? {} : { memory: this.memory }), cache: kind.cache ? 'use' : 'off' };
  }

  async edit(changes: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [file, text] of Object.entries(changes)) {
      if (text === undefined) rmSync(this.project.path(file), { force: true });
      else await this.project.write(file, text);
    }
    if (changes['treadle.config.mjs'] !== undefined) await this.close();
    this.engine ??= await createEngine({ cwd: this.project.root });
    this.memory?.filesChanged({ files: Object.keys(changes) }, this.engine.plan());
  }

  async run(steps: number): Promise<Ending> {
    assert.ok(this.engine !== undefined);
    const ended: Record<string, string> = {};
    const { status, results, counts, errors } = await this.engine.start({
      ...this.request,
      onEvent: (event) => {
        if (event.type === 'step:end') ended[event.id] = event.status;
      },
    }).result;
    const made = Array.from({ length: steps }, (_, at) => {
      const file = this.project.path(`made/${at}`);
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    });
    // Of siblings that fail, any may be the first.
    const messages = errors.map(({ stepId, message }) => `${stepId}: ${message}`).toSorted();
    return { status, values: Object.entries(results), errors: messages, steps: ended, made, cached: counts.cached };
  }

  async close(): Promise<void> {
    await this.engine?.close();
    this.engine = undefined;
  }
}

const kinds = [
  { memory: false, cache: false },
  { memory: true, cache: false },
  { memory: false, cache: true },
  { memory: true, cache: true },
] as const;

/** Runs a test with a project for each way. */
async function withWays(test: (whole: Way, ways: readonly Way[]) => Promise<void>, made: readonly Way[] = []): Promise<void> {
  const kind = kinds[made.length];
  if (kind === undefined) {
    const [whole, ...others] = made;
    assert.ok(whole !== undefined);
    try {
      return await test(whole, others);
    } finally {
      for (const way of made) await way.close();
    }
  }
  return withProject({}, (project) => withWays(test, [...made, new Way(project, kind)]));
}

describe('a run of what a change affects', function () {
  this.timeout(240_000);

  it('ends as a run of everything does, by memory, by the cache, and by both', async () => {
    const seen = { cached: 0, ran: 0, failed: 0, skipped: 0, made: 0 };
    await fc.assert(
      fc.asyncProperty(nodes, edits, (children, rounds) =>
        withWays(async (whole, ways) => {
          const works = worksOf(children);
          // Whoever does not say that it reads a file cannot be told of by its loss.
          const untold = new Set(works.flatMap(({ work: { declares, made } }) => (declares ? [] : made.map((at) => at % works.length))));
          let version = 1;
          const step = async (changes: Readonly<Record<string, string | undefined>>): Promise<void> => {
            await whole.edit(changes);
            const expected = await whole.run(works.length);
            for (const status of Object.values(expected.steps)) {
              if (status === 'failed') seen.failed += 1;
              if (status === 'skipped') seen.skipped += 1;
            }
            seen.made += expected.made.filter((text) => text !== undefined).length;
            for (const way of ways) {
              await way.edit(changes);
              const ending = await way.run(works.length);
              assert.deepEqual({ ...ending, cached: 0 }, expected);
              seen.cached += ending.cached;
              seen.ran += works.length - ending.cached;
            }
          };
          await step({ 'treadle.config.mjs': code(children, version), f0: '0', f1: '0', f2: '0' });
          for (const { contents, lost, change } of rounds) {
            if (change) version += 1;
            await step({
              ...Object.fromEntries(
                Object.entries(contents).map(([file, content]) => [file, content === null ? undefined : String(content)]),
              ),
              ...Object.fromEntries(
                lost.map((at) => at % works.length).flatMap((at) => (untold.has(at) ? [] : [[`made/${at}`, undefined]])),
              ),
              ...(change ? { 'treadle.config.mjs': code(children, version) } : {}),
            });
          }
        }),
      ),
      { numRuns: 15, interruptAfterTimeLimit: 120_000 },
    );
    // All of it has to happen, or nothing was proven.
    for (const [what, count] of Object.entries(seen)) assert.ok(count > 0, `${what}: ${count}`);
  });
});
