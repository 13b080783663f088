import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'mocha';
import { withProject, type CliResult } from '../support/cli.ts';

const endless = (step: string): Record<string, string> => ({
  'treadle.config.ts': `
    import { definePipeline, step } from 'treadle';
    import { shell } from 'treadle/plugins';
    export default definePipeline([${step}, step('after', () => {})]);
  `,
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a process has ended and was buried; fails by mocha's limit. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
}

describe('signals', () => {
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const) {
    it(`${signal} cancels the run, reports on it and exits with ${exitCode}`, async () => {
      await withProject(endless(`shell('wait', { command: 'echo pid $$; exec sleep 60' })`), async (project) => {
        const running = project.start(['--reporter', 'ndjson', '--reporter', 'json=run.json']);
        const { text } = await running.event('step:output', (event) => event.text.startsWith('pid'));
        running.signal(signal);
        const result = await running.ended;
        assert.equal(result.exitCode, exitCode, result.stderr);
        const end = result.events.at(-1);
        assert.equal(end?.type === 'run:end' ? end.status : undefined, 'cancelled');
        assert.ok(result.events.some((event) => event.type === 'step:end' && event.id === 'wait' && event.status === 'cancelled'));
        assert.equal(isAlive(Number(text.trim().split(' ')[1])), false, 'the command has ended');
        assert.equal(typeof JSON.parse(await project.read('run.json')), 'object');
      });
    });
  }

  it('ends a step that never yields', async () => {
    await withProject(endless(`step('spin', () => { console.log('spinning'); while (true); })`), async (project) => {
      const running = project.start(['--reporter', 'ndjson']);
      await running.event('step:start');
      running.signal('SIGINT');
      assert.equal((await running.ended).exitCode, 130);
    });
  });

  it('kills at once at the second signal, even what ignores the first', async () => {
    const stubborn = `trap '' INT TERM HUP; echo pid $$; while true; do sleep 0.05; done`;
    await withProject(endless(`shell('stubborn', { command: ${JSON.stringify(stubborn)} })`), async (project) => {
      const running = project.start(['--reporter', 'ndjson']);
      const { text } = await running.event('step:output', (event) => event.text.startsWith('pid'));
      running.signal('SIGINT');
      // Another signal than the first counts at once; the same one only after the time that an echo takes.
      running.signal('SIGTERM');
      const second = performance.now();
      const result = await running.ended;
      assert.ok(performance.now() - second < 3000);
      // Two signals at once may arrive in either order.
      assert.ok(result.exitCode === 130 || result.exitCode === 143, result.stderr);
      assert.equal(isAlive(Number(text.trim().split(' ')[1])), false, 'the command has ended');
    });
  });

  it('kills at a second Ctrl-C, but takes the echo of a package manager for one', async () => {
    const stubborn = `trap '' INT TERM HUP; echo pid $$; while true; do sleep 0.05; done`;
    await withProject(endless(`shell('stubborn', { command: ${JSON.stringify(stubborn)} })`), async (project) => {
      const running = project.start(['--reporter', 'ndjson']);
      await running.event('step:output', (event) => event.text.startsWith('pid'));
      const again = setInterval(() => running.signal('SIGINT'), 20);
      const result = await running.ended.finally(() => clearInterval(again));
      assert.equal(result.exitCode, 130, result.stderr);
    });
  });

  it('ends at once while the project is still being loaded', async () => {
    for (const body of ['await new Promise(() => setInterval(() => {}, 1000));', 'for (;;);']) {
      await withProject({ 'treadle.config.ts': `console.log('loading'); ${body}` }, async (project) => {
        const running = project.start([]);
        await running.output('loading');
        running.signal('SIGINT');
        // A shell makes 130 of it.
        assert.equal((await running.ended).signal, 'SIGINT');
      });
    }
  });

  it('takes its processes along when code of the project ends it', async () => {
    const file = endless(`shell('wait', { command: 'echo pid $$; exec sleep 60' })`)['treadle.config.ts'] ?? '';
    await withProject({ 'treadle.config.ts': `process.once('SIGUSR2', () => process.exit(0));\n${file}` }, async (project) => {
      const running = project.start(['--reporter', 'ndjson']);
      const { text } = await running.event('step:output', (event) => event.text.startsWith('pid'));
      running.signal('SIGUSR2');
      const { exitCode, stderr } = await running.ended;
      assert.equal(exitCode, 3);
      assert.match(stderr, /process\.exit/);
      await gone(Number(text.trim().split(' ')[1]));
    });
  });
});

describe("steps with when: 'always', after a signal", () => {
  const config = (cleanUp: string): Record<string, string> => ({
    'treadle.config.ts': `
      import { definePipeline, step } from 'treadle';
      import { shell } from 'treadle/plugins';
      export default definePipeline([
        shell('wait', { command: 'echo pid $$; exec sleep 60' }),
        step('next', () => {}),
        shell('clean-up', ${JSON.stringify(cleanUp)}, { when: 'always' }),
        step('say', (context) => context.log('said'), { when: 'always' }),
        step('rescue', () => {}, { when: 'on-failure' }),
      ]);
    `,
  });
  const statuses = ({ events }: CliResult): Readonly<Record<string, string>> =>
    Object.fromEntries(events.flatMap((event) => (event.type === 'step:end' ? [[event.id, event.status]] : [])));
  const pidOf = ({ text }: { readonly text: string }): number => Number(/pid (\d+)/.exec(text)?.[1]);

  it('run when the others have ended, before reports are written and the process ends', async () => {
    await withProject(config('echo tidied > tidied'), async (project) => {
      const running = project.start(['--reporter', 'ndjson', '--reporter', 'junit=junit.xml']);
      const pid = pidOf(await running.event('step:output', ({ id }) => id === 'wait'));
      running.signal('SIGINT');
      const result = await running.ended;
      assert.equal(result.exitCode, 130, result.stderr);
      assert.deepEqual(statuses(result), { wait: 'cancelled', next: 'skipped', 'clean-up': 'passed', say: 'passed', rescue: 'skipped' });
      const end = result.events.at(-1);
      assert.equal(end?.type === 'run:end' ? end.status : undefined, 'cancelled');
      assert.equal(await project.read('tidied'), 'tidied\n');
      assert.match(await project.read('junit.xml'), /name="clean-up"/);
      assert.equal(isAlive(pid), false);
    });
  });

  it('are told of, and how to end them', () =>
    withProject(config('echo begun; sleep 60'), async (project) => {
      const running = project.start(['--reporter', 'line']);
      await running.output('default · run ');
      running.signal('SIGINT');
      await running.output('Cancelled by SIGINT. "clean-up" cleans up; Ctrl-C once more kills it.');
      const again = setInterval(() => running.signal('SIGINT'), 20);
      assert.equal((await running.ended.finally(() => clearInterval(again))).exitCode, 130);
    }));

  it('are killed by a second Ctrl-C, with all that they started', async () => {
    await withProject(config(`trap '' INT TERM HUP; sleep 61 & echo pid $!; wait`), async (project) => {
      const running = project.start(['--reporter', 'ndjson']);
      await running.event('step:output', ({ id }) => id === 'wait');
      running.signal('SIGINT');
      const pid = pidOf(await running.event('step:output', ({ id }) => id === 'clean-up'));
      assert.equal(isAlive(pid), true);
      const again = setInterval(() => running.signal('SIGINT'), 20);
      const result = await running.ended.finally(() => clearInterval(again));
      assert.equal(result.exitCode, 130, result.stderr);
      assert.equal(
        result.events.some((event) => event.type === 'step:start' && event.id === 'say'),
        false,
        'nothing begins any more',
      );
      await gone(pid);
    });
  });

  it('are stopped in time for CI, where nobody presses Ctrl-C again, and reports say so', async () => {
    await withProject(config('echo pid $$; exec sleep 62'), async (project) => {
      const running = project.start(['--reporter', 'ndjson'], { env: { CI: 'true' } });
      await running.event('step:output', ({ id }) => id === 'wait');
      running.signal('SIGINT');
      const pid = pidOf(await running.event('step:output', ({ id }) => id === 'clean-up'));
      const result = await running.ended;
      assert.equal(result.exitCode, 130, result.stderr);
      const stopped = result.events.find((event) => event.type === 'step:end' && event.id === 'clean-up');
      assert.match(stopped?.type === 'step:end' ? (stopped.error?.message ?? '') : '', /did not end within 4 s of SIGINT/);
      assert.equal(statuses(result)['say'], 'skipped');
      assert.equal(isAlive(pid), false);
    });
  });
});

describe('streams', () => {
  it('survives a reader that goes away', async () => {
    await withProject(
      endless(`shell('talk', { command: 'echo start; for i in $(seq 2000); do echo $i; done; echo done > finished' })`),
      async (project) => {
        const running = project.start(['--reporter', 'ndjson']);
        await running.event('step:output');
        running.closeStdout();
        const { exitCode, stderr } = await running.ended;
        assert.equal(exitCode, 0, stderr);
        assert.equal(stderr, '');
        assert.equal(await project.read('finished'), 'done\n', 'the run went on');
      },
    );
  });
});

describe('where output goes', () => {
  const quick = endless(`shell('quick', 'echo hello')`);

  it('says in one line that standard output is not complete, and keeps the verdict', async function () {
    if (!existsSync('/dev/full')) this.skip();
    await withProject(quick, async (project) => {
      for (const args of [['list'], ['run', '--reporter', 'ndjson']]) {
        const command = [process.execPath, project.program, ...args].map((part) => `'${part}'`).join(' ');
        const { status, stderr } = spawnSync('sh', ['-c', `${command} > /dev/full`], { cwd: project.root, encoding: 'utf8' });
        assert.match(stderr, /^treadle: standard output cannot be written, and is not complete: .*ENOSPC.*\n$/);
        assert.equal(status, 0);
      }
    });
  });

  it('draws nothing on a dumb terminal', async function () {
    if (spawnSync('script', ['--version']).error !== undefined) this.skip();
    await withProject(quick, async (project) => {
      const { CI: _ci, FORCE_COLOR: _colour, GITHUB_ACTIONS: _github, ...env } = process.env;
      const shown = (term: string): string =>
        spawnSync('script', ['-qefc', `'${process.execPath}' '${project.program}'`, '/dev/null'], {
          cwd: project.root,
          env: { ...env, TERM: term },
          encoding: 'utf8',
        }).stdout;
      assert.match(shown('xterm'), /\u001B\[\?25l/);
      assert.match(shown('dumb'), /✔ quick \d+ ms\r?\n/);
      assert.doesNotMatch(shown('dumb'), /\u001B/);
    });
  });
});

describe('leftovers', () => {
  it('names what a pipeline file left open, and ends with the right code', async () => {
    const file = (body: string): string => `
      import { createServer } from 'node:net';
      import { definePipeline, step } from 'treadle';
      if (!process.argv[1]?.includes('worker')) createServer().listen(0, '127.0.0.1');
      export default definePipeline([step('a', () => { ${body} }, { executor: 'inline' })]);
    `;
    for (const [body, exitCode] of [
      ['', 0],
      ['throw new Error("x")', 1],
    ] as const) {
      await withProject({ 'treadle.config.ts': file(body) }, async (project) => {
        const result = await project.run([]);
        assert.equal(result.exitCode, exitCode, result.stderr);
        assert.match(result.stderr, /still open[^\n]*TCPServerWrap/);
      });
    }
  });

  it('says nothing when nothing is left', async () => {
    await withProject(
      { 'treadle.config.ts': `import { definePipeline, step } from 'treadle'; export default definePipeline([step('a', () => {})]);` },
      async (project) => {
        const result = await project.run([]);
        assert.equal(result.exitCode, 0);
        assert.equal(result.stderr, '');
      },
    );
  });
});
