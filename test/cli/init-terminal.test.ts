import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { before, describe, it } from 'mocha';
import { withProject, type CliProject } from '../support/cli.ts';
import { assertLoads, manifest } from '../support/init.ts';

describe('treadle init on a terminal', function () {
  const hasTerminal = spawnSync('script', ['--version']).error === undefined;

  /** Answers each question when it has been asked. */
  function answer(project: CliProject, args: string, answers: readonly (readonly [question: string, typed: string])[]): Promise<Answered> {
    const command = `'${process.execPath}' '${project.program}' init ${args}`;
    const { CI: _ci, FORCE_COLOR: _colour, ...env } = process.env;
    const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: project.root, env: { ...env, NO_COLOR: '1' } });
    let text = '';
    let read = 0;
    const left = [...answers];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [next] = left;
      const at = next === undefined ? -1 : text.indexOf(next[0], read);
      if (next === undefined || at < 0) return;
      left.shift();
      read = at + next[0].length;
      child.stdin.write(next[1]);
    });
    return new Promise((resolve) => {
      child.on('close', (exitCode) => resolve({ exitCode, text, unanswered: left.map(([question]) => question) }));
    });
  }

  interface Answered {
    readonly exitCode: number | null;
    readonly text: string;
    readonly unanswered: readonly string[];
  }

  before(function () {
    if (!hasTerminal) this.skip();
  });

  it('asks, and writes when the answer is Enter', async () => {
    await withProject({ 'package.json': manifest }, async (project) => {
      const { exitCode, text, unanswered } = await answer(project, '', [['Write these 2 files? (Y/n) ', '\r']]);
      assert.deepEqual([exitCode, unanswered], [0, []], text);
      await assertLoads(project);
    });
  });

  it('writes nothing when the answer is no, or there is none', async () => {
    for (const [typed, code] of [
      ['n\r', 0],
      ['\u0003', 130],
      ['\u0004', 130],
    ] as const) {
      await withProject({ 'package.json': manifest }, async (project) => {
        const { exitCode, text } = await answer(project, '', [['Write these 2 files? (Y/n) ', typed]]);
        assert.equal(exitCode, code, text);
        assert.match(text, /Nothing was written\./);
        assert.equal(existsSync(project.path('treadle.config.js')), false);
      });
    }
  });

  it('asks about each file that exists, and asks again when it does not understand', async () => {
    const files = {
      'package.json': manifest,
      'treadle.config.js': 'export default 1;\n',
      '.gitlab-ci.yml': 'mine: 1\n',
      '.gitignore': '.treadle\n.vscode\n',
    };
    await withProject(files, async (project) => {
      const { exitCode, text, unanswered } = await answer(project, '--ci gitlab', [
        ['treadle.config.js exists. Overwrite it? (y/N) ', 'what\r'],
        ['treadle.config.js exists. Overwrite it? (y/N) ', 'y\r'],
        ['.gitlab-ci.yml exists. Overwrite it? (y/N) ', '\r'],
      ]);
      assert.deepEqual([exitCode, unanswered], [0, []], text);
      assert.match(await project.read('treadle.config.js'), /definePipeline/);
      assert.equal(await project.read('.gitlab-ci.yml'), 'mine: 1\n');
    });
  });
});
