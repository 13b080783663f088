import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createEngine, type Engine, type RunRequest } from '../../core/engine.ts';
import { LastResults } from '../../core/watch/last-results.ts';
import { withProject } from '../support/cli.ts';

/** What a generated step does: everything that it reads goes into what it writes. */
interface Work {
  readonly files: readonly string[];
  readonly keys: readonly string[];
  /** Read only when what was read so far has an even sum: what a step reads can depend on what it reads. */
  readonly perhaps: string;
  readonly writes: string;
  readonly deletes: boolean;
  readonly looks: boolean;
  /** Whether it says which files it reads. */
  readonly declares: boolean;
}
type Node = { readonly work: Work } | { readonly group: readonly Node[] } | { readonly sequence: readonly Node[] };

const keys = ['k0', 'k1', 'k2', 'k3'];
const files = ['f0', 'f1', 'f2'];

const work: fc.Arbitrary<Work> = fc.record({
  files: fc.subarray(files),
  keys: fc.subarray(keys),
  perhaps: fc.constantFrom(...keys),
  writes: fc.constantFrom(...keys),
  deletes: fc.boolean(),
  looks: fc.boolean(),
  declares: fc.boolean(),
});
const { nodes } = fc.letrec<{ node: Node; nodes: readonly Node[] }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ work }),
    fc.record({ group: tie('nodes') }),
    fc.record({ sequence: tie('nodes') }),
  ),
  nodes: fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
}));
/** Contents that files get, one round after another; and whether the steps' code changes in that round. */
const edits = fc.array(fc.record({ contents: fc.dictionary(fc.constantFrom(...files), fc.nat(3)), change: fc.boolean() }), {
  minLength: 1,
  maxLength: 3,
});

function code(children: readonly Node[], version: number): string {
  let count = 0;
  const one = (node: Node): string => {
    if ('group' in node) return `all([${node.group.map(one).join(', ')}])`;
    if ('sequence' in node) return `sequence([${node.sequence.map(one).join(', ')}])`;
    count += 1;
    const inputs = node.work.declares ? { inputs: node.work.files } : {};
    return `step('s${count}', work(${JSON.stringify(node.work)}, ${version}), ${JSON.stringify({ executor: 'inline', ...inputs })})`;
  };
  return `import { readFileSync } from 'node:fs';
    import { all, definePipeline, sequence, step } from 'treadle';
    const work = (todo, version) => ({ cwd, results }) => {
      let sum = version;
      const add = (text) => { for (const character of String(text)) sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003; };
      for (const file of todo.files) add(readFileSync(cwd + '/' + file, 'utf8'));
      for (const key of todo.keys) add(results[key]);
      if (sum % 2 === 0) add(results[todo.perhaps]);
      if (todo.looks) add(Object.keys(results));
      if (todo.deletes && sum % 3 === 0) delete results[todo.writes];
      else results[todo.writes] = sum;
    };
    export default definePipeline([${children.map(one).join(', ')}]);`;
}

async function resultsOf(
  engine: Engine,
  request: RunRequest,
): Promise<{ readonly values: unknown; readonly cached: number; readonly steps: number }> {
  const { status, results, counts } = await engine.start(request).result;
  assert.equal(status, 'passed');
  return { values: Object.entries(results), cached: counts.cached, steps: counts.steps };
}

describe('a run of what a change affects', function () {
  this.timeout(240_000);

  it('ends in the same context as a run of everything, by memory and by the cache', async () => {
    let cached = 0;
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(nodes, edits, (children, rounds) =>
        withProject({ 'treadle.config.mjs': code(children, 1), f0: '0', f1: '0', f2: '0' }, async (project) => {
          const memory = new LastResults(project.root);
          let version = 1;
          let engine = await createEngine({ cwd: project.root });
          const compare = async (): Promise<void> => {
            const whole = await resultsOf(engine, {});
            for (const request of [{ memory }, { cache: 'use' }] as const) {
              const affected = await resultsOf(engine, request);
              assert.deepEqual(affected.values, whole.values);
              cached += affected.cached;
              ran += affected.steps - affected.cached;
            }
          };
          await compare();
          for (const { contents, change } of rounds) {
            const changed = Object.keys(contents);
            for (const file of changed) await project.write(file, String(contents[file]));
            if (change) {
              await engine.close();
              version += 1;
              await project.write('treadle.config.mjs', code(children, version));
              engine = await createEngine({ cwd: project.root });
            }
            memory.filesChanged({ files: changed }, engine.plan());
            await compare();
          }
          await engine.close();
        }),
      ),
      { numRuns: 40 },
    );
    // Both have to happen, or nothing was proven.
    assert.ok(cached > 20 && ran > 20, `${cached} cached, ${ran} ran`);
  });
});
