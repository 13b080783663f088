import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { describe, it } from 'mocha';
import type { RunEvent, RunEventOf, RunEventType } from '../../core/contract/events.ts';
import { withProject } from '../support/cli.ts';

const small = {
  'treadle.config.ts': `
    import { definePipeline, step } from 'treadle';
    import { shell } from 'treadle/plugins';
    import greet from './plugins/greet.ts';
    export default definePipeline([
      shell('prepare', { command: 'echo prepared' }),
      [greet('hello', { who: 'you' }), shell('noise', { command: 'echo one; echo two >&2' })],
      step('sum', (context) => { context.results.sum = 1 + 2; }),
    ], { name: 'small', config: { port: 80, server: { host: 'a' } } });
  `,
  'plugins/greet.ts': `
    import { definePlugin } from 'treadle';
    export default definePlugin({
      name: 'greet',
      description: 'Say hello',
      async run(context, options: { who: string }) { context.results.greeting = 'hello ' + options.who; },
    });
  `,
};

function only<T extends RunEventType>(events: readonly RunEvent[], type: T): RunEventOf<T>[] {
  const matches = (event: RunEvent): event is RunEventOf<T> & RunEvent => event.type === type;
  return events.filter(matches);
}

const ended = (events: readonly RunEvent[]): Record<string, string> =>
  Object.fromEntries(only(events, 'step:end').map(({ id, status }) => [id, status]));

describe('treadle run', () => {
  it('runs shell steps, a plugin and a function, and says so in events', async () => {
    await withProject(small, async (project) => {
      const { exitCode, events, stdout, stderr } = await project.run(['run', '--reporter', 'ndjson']);
      assert.equal(exitCode, 0, stderr);
      assert.equal(stderr, '');
      assert.equal(stdout.trimEnd().split('\n').length, events.length, 'every line is an event');
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_event, index) => index),
      );
      assert.equal(events[0]?.type, 'run:start');
      const end = only(events, 'run:end')[0];
      assert.equal(end, events.at(-1));
      assert.equal(end?.status, 'passed');
      assert.deepEqual(end?.results, { greeting: 'hello you', sum: 3 });
      assert.deepEqual(ended(events), { prepare: 'passed', hello: 'passed', noise: 'passed', sum: 'passed' });
      const noise = only(events, 'step:output').filter(({ id }) => id === 'noise');
      assert.deepEqual(noise.map(({ stream, text }) => [stream, text.trim()]).sort(), [
        ['stderr', 'two'],
        ['stdout', 'one'],
      ]);
    });
  });

  it('runs without being told to, by the name of the pipeline, and from another folder', async () => {
    await withProject(
      { 'sub/treadle.config.ts': small['treadle.config.ts'], 'sub/plugins/greet.ts': small['plugins/greet.ts'] },
      async (project) => {
        for (const args of [
          ['--cwd', 'sub'],
          ['run', '--cwd', 'sub'],
          ['--config', 'sub/treadle.config.ts'],
        ]) {
          const { exitCode, stderr } = await project.run([...args, '--reporter', 'ndjson']);
          assert.equal(exitCode, 0, `${args.join(' ')}: ${stderr}`);
        }
      },
    );
    await withProject(
      {
        'treadle.config.ts': `
          import { definePipeline, step } from 'treadle';
          export default { checks: definePipeline([step('a', () => {})]), nightly: definePipeline([step('b', () => {})]) };
        `,
      },
      async (project) => {
        const { exitCode, events } = await project.run(['nightly', '--reporter', 'ndjson']);
        assert.equal(exitCode, 0);
        assert.deepEqual(ended(events), { b: 'passed' });
        const unnamed = await project.run(['--reporter', 'ndjson']);
        assert.equal(unnamed.exitCode, 2);
        assert.match(unnamed.stderr, /checks, nightly/);
        const misspelt = await project.run(['nigtly']);
        assert.equal(misspelt.exitCode, 2);
        assert.match(misspelt.stderr, /"nigtly"[\s\S]*"nightly"/);
      },
    );
  });

  it('runs some steps only', async () => {
    await withProject(small, async (project) => {
      const chosen = await project.run(['run', '--only', 'prepare', 'sum', '--reporter', 'ndjson']);
      assert.deepEqual(ended(chosen.events), { prepare: 'passed', sum: 'passed' });
      const repeated = await project.run(['--only', 'prepare', '--only=noise', '--reporter', 'ndjson']);
      assert.deepEqual(ended(repeated.events), { prepare: 'passed', noise: 'passed' });
      const later = await project.run(['--from', 'sum', '--reporter', 'ndjson']);
      assert.deepEqual(ended(later.events), { sum: 'passed' });
    });
  });

  it('shows the plan and runs nothing with --dry-run', async () => {
    await withProject(
      {
        'treadle.config.ts': `
          import { any, definePipeline, step } from 'treadle';
          import { shell } from 'treadle/plugins';
          export default definePipeline([
            shell('touch', { command: 'touch ran' }, { timeout: '30s', retries: 2, critical: false }),
            any([step('near', () => {}), step('far', () => {})], { id: 'reachable', timeout: '2m' }),
          ]);
        `,
      },
      async (project) => {
        const { exitCode, stdout } = await project.run(['--dry-run']);
        assert.equal(exitCode, 0);
        assert.match(stdout, /├─ touch +shell · inline · timeout 30s · retries 2 · not critical · 50 %/);
        assert.match(stdout, /└─ reachable +any of · timeout 2m · 50 %/);
        assert.match(stdout, / {3}└─ far +function · threads · 25 %/);
        await assert.rejects(project.read('ran'), { code: 'ENOENT' });
        const changed = await project.run([
          '--dry-run',
          '--only',
          'reachable',
          '--executor',
          'inline',
          '--timeout',
          '90s',
          '--no-fail-fast',
        ]);
        assert.match(changed.stdout, /timeout 90s · runs on after failures/);
        assert.match(changed.stdout, /far +function · inline · 50 %/);
        assert.ok(!changed.stdout.includes('touch'));
      },
    );
  });

  it('shows where a step failed, in what it imports too, who called that, and what lay behind it', async () => {
    await withProject(
      {
        'lib/price.ts': `enum Currency { EUR }

export function price(): never {
  throw new RangeError(\`\${Currency[0]}?\`, { cause: cause() });
}

function cause(): Error {
  return new Error('no rates');
}
`,
        'plugins/total.ts': `import { definePlugin } from 'treadle';
import { price } from '../lib/price.ts';

export default definePlugin({
  async run() {
    await sum();
  },
});

async function sum() {
  await null;
  price();
}
`,
        'treadle.config.ts': `import { definePipeline, step } from 'treadle';
import { price } from './lib/price.ts';
export default definePipeline([[step('function', () => price()), step('plugin', { uses: 'total' })]]);
`,
      },
      async (project) => {
        const { stdout } = await project.run([]);
        const failure = (id: string, calls: string): string => `✖ ${id}
  RangeError EUR?
  lib/price.ts:4:9
    2 │
    3 │ export function price(): never {
  > 4 │   throw new RangeError(\`\${Currency[0]}?\`, { cause: cause() });
      │         ^
    5 │ }
    6 │
${calls}  caused by Error: no rates lib/price.ts:8:10
`;
        const ofFunction = failure('function', '  at treadle.config.ts:3:56\n');
        const ofPlugin = failure('plugin', '  at sum plugins/total.ts:12:3\n  at plugins/total.ts:6:5\n');
        assert.ok(stdout.includes(`\n\n${ofFunction}\n${ofPlugin}\n`), stdout);
      },
    );
  });

  it('puts --param into the config, typed', async () => {
    await withProject(
      {
        'treadle.config.ts': `
          import { definePipeline, step } from 'treadle';
          export default definePipeline([step('show', (context) => { context.results.config = context.config; })],
            { config: { port: 80, label: 'x', server: { host: 'a', port: 1 } } });
        `,
      },
      async (project) => {
        const { events } = await project.run([
          '--param',
          'port=8080',
          '--param',
          'label=7',
          '--param',
          'server.host=b',
          '--param',
          'extra=[1]',
          '--reporter',
          'ndjson',
        ]);
        const expected = { port: 8080, label: '7', server: { host: 'b', port: 1 }, extra: [1] };
        assert.deepEqual(only(events, 'run:end')[0]?.results, { config: expected });
        const wrong = await project.run(['--param', 'port=high']);
        assert.equal(wrong.exitCode, 2);
        assert.match(wrong.stderr, /E_PARAM_INVALID/);
        assert.match(wrong.stderr, /port must be a number, not "high"/);
      },
    );
  });

  it('writes a timeline with --trace', async () => {
    await withProject(small, async (project) => {
      const { exitCode } = await project.run(['--trace', 'out/trace.json']);
      assert.equal(exitCode, 0);
      const {
        traceEvents,
      }: { traceEvents: readonly { name: string; ph: string; tid: number; ts?: number; dur?: number; args?: { name?: string } }[] } =
        JSON.parse(await project.read('out/trace.json'));
      const spans = traceEvents.filter(({ ph }) => ph === 'X');
      assert.deepEqual(spans.map(({ name }) => name).sort(), ['hello', 'noise', 'prepare', 'small', 'sum']);
      assert.ok(spans.every(({ ts, dur }) => (ts ?? -1) >= 0 && (dur ?? -1) >= 0));
      const lanes = new Map(traceEvents.filter(({ ph }) => ph === 'M').map(({ tid, args }) => [tid, args?.name ?? '']));
      const laneOf = (step: string): string => lanes.get(spans.find(({ name }) => name === step)?.tid ?? -1) ?? '';
      assert.match(laneOf('sum'), /^thread \d+$/);
      assert.match(laneOf('prepare'), /^inline/);
    });
  });

  it('runs one step at a time with --concurrency 1', async () => {
    await withProject(small, async (project) => {
      const { events } = await project.run(['--concurrency', '1', '--reporter', 'ndjson']);
      let running = 0;
      for (const event of events) {
        if (event.type === 'step:start') running += 1;
        if (event.type === 'step:end') running -= 1;
        assert.ok(running <= 1);
      }
      assert.equal(only(events, 'run:end')[0]?.status, 'passed');
    });
  });
});

describe('reporters of treadle run', () => {
  it('writes several at once, and makes the folders of their files', async () => {
    await withProject(small, async (project) => {
      const { exitCode, stdout } = await project.run([
        '--reporter',
        'line',
        '--reporter',
        'ndjson=deep/er/events.ndjson',
        '--reporter=json=run.json',
      ]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /prepare/);
      assert.ok(!stdout.includes('"type":'));
      const lines = (await project.read('deep/er/events.ndjson')).trimEnd().split('\n');
      assert.match(lines.at(-1) ?? '', /"type":"run:end"/);
      assert.equal(typeof JSON.parse(await project.read('run.json')), 'object');
    });
  });

  it('keeps standard output for the events, whatever a pipeline file prints', async () => {
    await withProject({ ...small, 'treadle.config.ts': `console.log('stray');\n${small['treadle.config.ts']}` }, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(['--reporter', 'ndjson']);
      assert.equal(exitCode, 0);
      assert.ok(
        stdout.split('\n').every((line) => line === '' || line.startsWith('{')),
        stdout,
      );
      assert.match(stderr, /stray/);
    });
  });

  it('prints lines in a pipe and in CI, without colour unless asked', async () => {
    await withProject(small, async (project) => {
      const plain = await project.run([]);
      assert.equal(plain.exitCode, 0);
      assert.match(plain.stdout, /prepare/);
      assert.ok(!plain.stdout.includes('\u001b['));
      assert.ok((await project.run([], { env: { FORCE_COLOR: '1' } })).stdout.includes('\u001b['));
      assert.ok(!(await project.run([], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout.includes('\u001b['));
    });
  });

  it('shows the live tree on a terminal, but lines where CI is on', async function () {
    if (spawnSync('script', ['--version']).error !== undefined) this.skip();
    await withProject(small, async (project) => {
      const onTerminal = (env: Record<string, string>): string => {
        const command = `'${process.execPath}' '${project.program}' --only prepare`;
        const { CI: _ci, NO_COLOR: _plain, ...rest } = process.env;
        return spawnSync('script', ['-qec', command, '/dev/null'], { cwd: project.root, env: { ...rest, ...env }, encoding: 'utf8' })
          .stdout;
      };
      const hidesCursor = '\u001b[?25l';
      assert.ok(onTerminal({}).includes(hidesCursor));
      assert.ok(onTerminal({ CI: 'false' }).includes(hidesCursor));
      const inCi = onTerminal({ CI: 'true' });
      assert.ok(!inCi.includes(hidesCursor));
      assert.match(inCi, /prepare/);
    });
  });

  it('leaves out a reporter that fails, with a warning, and runs on', async function () {
    if (!existsSync('/dev/full')) this.skip();
    await withProject(small, async (project) => {
      const { exitCode, events, stderr } = await project.run(['--reporter', 'json=/dev/full', '--reporter', 'ndjson']);
      assert.equal(exitCode, 0);
      assert.equal(events.at(-1)?.type, 'run:end');
      assert.match(stderr, /the reporter "json" failed and was left out: ENOSPC/);
    });
  });

  it('says before the run what cannot be written, why, and what to do', async () => {
    await withProject({ ...small, out: 'a file', 'reports/old.json': '' }, async (project) => {
      await symlink(project.path('nowhere/run.json'), project.path('link.json'));
      const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
        [['--reporter', 'json=out/deep/run.json'], /The report \S+\/out\/deep\/run\.json cannot be written: \S+\/out is no folder\./],
        [['--reporter', 'json=out/run.json'], /The report \S+\/out\/run\.json cannot be written: \S+\/out is no folder\./],
        [['--reporter', 'json=reports'], /The report \S+\/reports cannot be written: it is a folder\.\s+hint Name a file in it\./],
        [['--reporter', 'json=link.json'], /link\.json cannot be written: it leads to a folder that is not there\./],
        [['--trace', 'out/trace.json'], /The trace \S+\/out\/trace\.json cannot be written: \S+\/out is no folder\./],
        // Where a folder is there and yet takes no other, Node's own way of making folders never ends.
        ...(process.platform === 'linux'
          ? ([
              [['--reporter', 'junit=/proc/x/y'], /The report \/proc\/x\/y cannot be written: the folder \/proc\/x cannot be made\./],
              [['--trace', '/proc/x/y/z'], /The trace \/proc\/x\/y\/z cannot be written: the folder \/proc\/x\/y cannot be made\./],
            ] as const)
          : []),
      ];
      for (const [args, message] of cases) {
        const { exitCode, stdout, stderr } = await project.run([...args, '--reporter', 'ndjson']);
        assert.equal(exitCode, 2, stderr);
        assert.equal(stdout, '', 'nothing ran');
        assert.match(stderr, message);
        assert.match(stderr, /hint /);
        assert.doesNotMatch(stderr, /\n\s+at /);
      }
    });
  });
});
