import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { withProject, type CliProject } from '../support/cli.ts';

const files = {
  'treadle.config.ts': `
    import { any, definePipeline, step } from 'treadle';
    console.log('noise that a pipeline file prints');
    const checks = definePipeline([step('lint', () => {}, { description: 'look for mistakes' }), any([step('near', () => {}), step('far', () => {})], { id: 'reachable' })]);
    const nightly = definePipeline([step('soak', () => {})]);
    export default { checks, nightly };
  `,
};

async function values(project: CliProject, ...words: string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await project.run(['__complete', '--', ...words]);
  assert.equal(exitCode, 0, stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0] ?? '');
}

describe('completion', () => {
  it('offers commands and pipelines', async () => {
    await withProject(files, async (project) => {
      assert.deepEqual(await values(project, ''), [
        'run',
        'watch',
        'list',
        'plugins',
        'init',
        'new',
        'explain',
        'history',
        'report',
        'merge-reports',
        'cache',
        'serve',
        'completion',
        'checks',
        'nightly',
      ]);
      assert.deepEqual(await values(project, 'li'), ['list']);
      assert.deepEqual(await values(project, 'run', ''), ['checks', 'nightly']);
      assert.deepEqual(await values(project, 'run', 'nig'), ['nightly']);
      assert.deepEqual(await values(project, 'run', 'checks', ''), []);
      assert.deepEqual(await values(project, 'explain', 'n'), ['near']);
      assert.deepEqual(await values(project, 'explain', '--pipeline', ''), ['checks', 'nightly']);
      assert.deepEqual(await values(project, 'cache', ''), ['clean']);
    });
  });

  it('offers flags of the command, also without a project', async () => {
    await withProject({}, async (project) => {
      assert.deepEqual(await values(project, 'run', '--rep'), ['--reporter']);
      assert.deepEqual(await values(project, '--rep'), ['--reporter']);
      assert.deepEqual(await values(project, 'list', '--j'), ['--json']);
      assert.deepEqual(await values(project, 'new', ''), ['plugin']);
      assert.deepEqual(await values(project, 'init', '--ci', 'g'), ['github', 'gitlab']);
      assert.deepEqual(await values(project, 'completion', ''), ['bash', 'zsh', 'fish']);
      assert.deepEqual(await values(project, ''), [
        'run',
        'watch',
        'list',
        'plugins',
        'init',
        'new',
        'explain',
        'history',
        'report',
        'merge-reports',
        'cache',
        'serve',
        'completion',
      ]);
    });
  });

  it('offers values of options: steps, reporters, executors', async () => {
    await withProject(files, async (project) => {
      assert.deepEqual(await values(project, '--only', ''), ['lint', 'reachable', 'near', 'far', 'soak']);
      assert.deepEqual(await values(project, 'run', 'nightly', '--from', ''), ['soak']);
      assert.deepEqual(await values(project, '--only', 'lint', 'ne'), ['near']);
      assert.deepEqual(await values(project, '--only=l'), ['--only=lint']);
      assert.deepEqual(await values(project, '--reporter', 'nd'), ['ndjson']);
      assert.deepEqual(await values(project, '--executor', ''), ['threads', 'inline']);
      assert.deepEqual(await values(project, '--trace', ''), [], 'file names are up to the shell');
    });
  });

  it('describes what it offers', async () => {
    await withProject(files, async (project) => {
      const { stdout } = await project.run(['__complete', '--', '--only', 'li']);
      assert.equal(stdout, 'lint\tlook for mistakes\n');
    });
  });

  it('stays silent about a project that cannot be loaded', async () => {
    await withProject({ 'treadle.config.ts': 'throw new Error("broken")' }, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(['__complete', '--', '--only', '']);
      assert.deepEqual([exitCode, stdout, stderr], [0, '', '']);
    });
  });

  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`prints a script that ${shell} can read`, async function () {
      await withProject({}, async (project) => {
        const { exitCode, stdout } = await project.run(['completion', shell]);
        assert.equal(exitCode, 0);
        assert.match(stdout, /treadle/);
        await project.write('script', stdout);
        const check = spawnSync(shell, ['-n', project.path('script')], { encoding: 'utf8' });
        if (check.error !== undefined) this.skip();
        assert.equal(check.status, 0, check.stderr);
      });
    });
  }

  const launcher = (program: string): string => `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`;

  it('works in bash', async function () {
    if (spawnSync('bash', ['--version']).error !== undefined) this.skip();
    await withProject(files, async (project) => {
      await project.write('bin/treadle', launcher(project.program));
      const script = `
        chmod +x bin/treadle; PATH=$PWD/bin:$PATH
        source <(treadle completion bash)
        ask() { COMP_LINE="$1"; COMP_POINT=\${#1}; COMP_WORDS=($1); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _treadle 2>/dev/null; echo "\${COMPREPLY[*]}"; }
        ask 'treadle li'; ask 'treadle run ni'; ask 'treadle --reporter=nd'; ask 'treadle run --only l'
      `;
      const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: project.root, encoding: 'utf8' });
      assert.equal(stdout, 'list\nnightly\nndjson\nlint\n', stderr);
    });
  });

  it('works in fish', async function () {
    if (spawnSync('fish', ['--version']).error !== undefined) this.skip();
    await withProject(files, async (project) => {
      await project.write('bin/treadle', launcher(project.program));
      const script = `
        chmod +x bin/treadle; set -x PATH $PWD/bin $PATH
        treadle completion fish | source
        complete -C 'treadle li'; complete -C 'treadle run ni'; complete -C 'treadle --reporter=nd'; complete -C 'treadle run --only l'
      `;
      const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], { cwd: project.root, encoding: 'utf8' });
      const expected = [
        'list\tshow pipelines and their steps',
        'nightly\tpipeline',
        '--reporter=ndjson\treporter',
        'lint\tlook for mistakes',
        '',
      ];
      assert.equal(stdout, expected.join('\n'), stderr);
    });
  });
});
