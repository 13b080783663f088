import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { before, describe, it } from 'mocha';
import { baseEnvironment, withProject, type CliProject } from '../support/cli.ts';

const throwing = {
  'treadle.config.js': `const { API_TOKEN: secret = 'secret' } = process.env;
throw new TypeError('What the service answers to ' + secret + ' is \\'no\\', and more than one line\\n    of "it" is said about that.');`,
};
const failing = {
  'treadle.config.json': JSON.stringify({
    steps: [{ id: 'gone', uses: 'shell', with: 'this-program-is-not-installed-anywhere --with some --options' }],
  }),
  '.treadle': 'a file where the folder should be',
};

describe('text for people', function () {
  before(function () {
    if (spawnSync('script', ['--version']).error !== undefined) this.skip();
  });

  /** What a terminal of that width is sent, without colours. */
  function onTerminal(project: CliProject, columns: number, args: string, env = {}): Promise<readonly string[]> {
    const command = `stty cols ${columns} && exec '${process.execPath}' '${project.program}' ${args}`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: project.root,
      env: { ...baseEnvironment(), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return new Promise((resolve) => {
      child.on('close', () => resolve(text.split('\r\n')));
    });
  }

  it('is broken between words to the width of a terminal', () =>
    withProject(throwing, async (project) => {
      const lines = await onTerminal(project, 60, 'list');
      assert.deepEqual(lines.slice(0, 5), [
        'E_CONFIG_LOAD treadle.config.js:2:7: TypeError: What the',
        "service answers to secret is 'no', and more than one line",
        '    of "it" is said about that.',
        '',
        '  treadle.config.js:2:7',
      ]);
    }));

  it('is left alone where there is no terminal', () =>
    withProject(throwing, async (project) => {
      const { stderr } = await project.run(['list'], { env: { COLUMNS: '40' } });
      assert.match(stderr, /^E_CONFIG_LOAD treadle\.config\.js:2:7: .* more than one line\n {4}of "it" is said about that\.\n/);
    }));

  it('does not break a secret, which would show it', () =>
    withProject(throwing, async (project) => {
      for (let columns = 40; columns < 70; columns += 6) {
        const text = (await onTerminal(project, columns, 'list', { API_TOKEN: 'several words that nobody may see' })).join('\n');
        assert.match(text, /answers\s+to\s+\*\*\*\s+is/);
        assert.doesNotMatch(text, /several|words|nobody|see/);
      }
    }));

  it('keeps paths and commands in one piece, also where they are longer than a line', () =>
    withProject({}, async (project) => {
      const path = `/not/there/${'long/'.repeat(12)}`;
      const unknown = await onTerminal(project, 40, `list --cwd ${path}`);
      assert.ok(unknown.includes(`"${path}".`), unknown.join('\n'));
      const usage = await onTerminal(project, 40, 'list --jsn');
      assert.ok(
        usage.some((line) => line.includes('treadle list --help')),
        usage.join('\n'),
      );
    }));

  it('is broken in warnings and in what a run ends with', () =>
    withProject(failing, async (project) => {
      const lines = await onTerminal(project, 60, 'run');
      const text = lines.join('\n');
      assert.match(text, /^treadle: nothing can be kept in \.treadle, so runs go\n {9}without cache and history:\n/m);
      assert.match(
        text,
        /^ {2}E_COMMAND_NOT_FOUND\n {2}`this-program-is-not-installed-anywhere --with some --options`\n {2}exited with 127:$/m,
      );
      assert.match(text, /^ {2}hint Install the program, or check the spelling;\n {7}node_modules\/\.bin is already on the PATH\.$/m);
    }));
});
