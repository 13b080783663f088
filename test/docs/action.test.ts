import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, describe, it } from 'mocha';
import { parse } from 'yaml';
import { makeProject, removeProjects } from '../support/project.ts';
import { repository } from './documents.ts';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] };
}

interface ActionStep {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

const action: Action = parse(readFileSync(join(repository, 'action.yml'), 'utf8'));

/** A value with the action's inputs put in, as the runner does it. */
function fill(text: string, inputs: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$\{\{ inputs\.(?<name>[\w-]+) \}\}/g,
    (_whole, name: string) => inputs[name] ?? action.inputs[name]?.default ?? assert.fail(name),
  );
}

const pipelines = `
  import { definePipeline, step } from 'treadle';
  import { shell } from 'treadle/plugins';
  export default {
    default: definePipeline([shell('one', 'echo one'), step('two', () => {})]),
    fails: definePipeline([shell('no', 'exit 1'), shell('after', 'echo after')]),
  };
`;

/** Runs the script of the action as a runner does: bash, the inputs in its environment, files to write to. */
function runAction(inputs: Readonly<Record<string, string>>): {
  readonly root: string;
  readonly status: number | null;
  readonly output: string;
  readonly summary: string;
} {
  const root = makeProject({ 'package.json': '{ "name": "acted", "type": "module" }', 'treadle.config.js': pipelines });
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  symlinkSync(repository, join(root, 'node_modules/treadle'));
  symlinkSync('../treadle/dist/bin.cjs', join(root, 'node_modules/.bin/treadle'));
  writeFileSync(join(root, 'summary.md'), '');
  const step = action.runs.steps.find(({ run }) => run !== undefined);
  assert.equal(step?.shell, 'bash');
  const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, text]) => [name, fill(text, inputs)]));
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run ?? ''], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: root,
      GITHUB_STEP_SUMMARY: join(root, 'summary.md'),
    },
  });
  return { root, status, output: stdout + stderr, summary: readFileSync(join(root, 'summary.md'), 'utf8') };
}

describe('the action for GitHub', () => {
  after(removeProjects);

  it('is a composite one that describes its inputs, and uses no others', () => {
    assert.equal(action.runs.using, 'composite');
    for (const [name, { description, default: value }] of Object.entries(action.inputs))
      assert.deepEqual([typeof description, typeof value], ['string', 'string'], name);
    const used = [...readFileSync(join(repository, 'action.yml'), 'utf8').matchAll(/inputs\.([\w-]+)/g)].map(([, name = '']) => name);
    assert.deepEqual([...new Set(used)].toSorted(), Object.keys(action.inputs).toSorted());
    const documented = [...readFileSync(join(repository, 'docs/ci.md'), 'utf8').matchAll(/^\| `([\w-]+)` +\| +(?:`[^`]*` +)?\|/gm)].map(
      ([, name = '']) => name,
    );
    assert.deepEqual(documented, Object.keys(action.inputs));
  });

  it('runs the pipeline with annotations, a summary and a report', () => {
    const { root, status, output, summary } = runAction({});
    assert.equal(status, 0, output);
    assert.match(output, /::group::.*one/);
    assert.match(summary, /default/);
    assert.match(readFileSync(join(root, '.treadle/reports/junit.xml'), 'utf8'), /<testcase [^>]*name="two"/);
    assert.ok(existsSync(join(root, '.treadle/reports/report.html')));
    const kept = action.runs.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'));
    assert.equal(fill(kept?.with?.['path'] ?? '', {}), './.treadle/reports');
  });

  it('takes a pipeline and arguments, and fails with it', () => {
    const { status, output } = runAction({ pipeline: 'fails', arguments: '--no-fail-fast --timeout 1m' });
    assert.equal(status, 1, output);
    assert.match(output, /::error /);
    assert.match(output, /after/);
  });

  it('carries out nothing that an input holds', () => {
    const { root, status } = runAction({ arguments: '--only $(touch${IFS}stolen) ; touch stolen', pipeline: '"; touch stolen; "' });
    assert.equal(status, 2);
    assert.equal(existsSync(join(root, 'stolen')), false);
  });
});
