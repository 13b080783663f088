import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { describe, it } from 'mocha';
import { runJobStep } from '../support/actions-runner.ts';
import { withProject } from '../support/cli.ts';

const attack = '::error file=a.js::owned%0A\\n::set-output name=token::stolen\\n  ::add-mask::x\\nthen ##[warning]old\\n::endgroup::';

const config = `
  import { all, definePipeline, step } from 'treadle';
  import { shell } from 'treadle/plugins';
  let tries = 0;
  export default definePipeline([
    all([
      shell('prints', ['node', '-e', ${JSON.stringify(`console.log('${attack}')`)}]),
      step('finds', (context) => {
        for (let line = 1; line <= 14; line += 1) {
          context.diagnostic({ file: 'src/a.ts', line, column: 3, severity: line > 12 ? 'warning' : 'error', message: 'bad, 100% sure: line ' + line, source: 'tsc', code: 'TS1' });
        }
        throw new Error('14 problems');
      }),
      step('tests', async (context) => {
        await context.test('adds | up <b>', () => { throw new Error(\`${attack}\`); }).catch(() => {});
        throw new Error('a test failed');
      }),
      step('shaky', () => { tries += 1; if (tries === 1) throw new Error('not yet'); }, { retries: 1, executor: 'inline' }),
      step('extra', () => { throw new Error('nobody minds'); }, { critical: false }),
    ], { id: 'checks' }),
    step('one', (context) => { context.results.winner = 1; }),
  ], { name: 'ci', failFast: false });
`;

const files = { '.git/HEAD': '', 'packages/shop/treadle.config.ts': config };

describe('treadle in GitHub Actions', () => {
  it('is chosen by itself, and shows each step in a group', async () => {
    await withProject(files, async (project) => {
      const { result, groups, lines, leftOpen } = await runJobStep(project, ['--no-color'], { cwd: 'packages/shop' });
      assert.equal(result.exitCode, 1, result.stderr);
      assert.equal(leftOpen, false);
      assert.deepEqual(
        groups.map(({ title }) => title.replace(/ [\d.]+ m?s$/, '')),
        ['✔ prints'],
      );
      for (const head of [/^✖ finds [\d.]+ m?s$/, /^✔ shaky .* flaky, attempt 2$/, /^✔ one/])
        assert.ok(
          lines.some((line) => head.test(line)),
          String(head),
        );
      assert.ok(lines.includes(' Pipeline  ci failed'));
    });
  });

  it('lets no output of a step command it', async () => {
    await withProject(files, async (project) => {
      const { annotations, others, groups } = await runJobStep(project, [], { cwd: 'packages/shop' });
      assert.deepEqual(others, []);
      assert.ok(annotations.every(({ message }) => !message.startsWith('owned')));
      // It is shown all the same.
      assert.deepEqual(groups[0]?.lines.map(stripVTControlCharacters), attack.replaceAll('\\n', '\n').split('\n'));
    });
  });

  it('annotates the worst of each kind, at its place in the repository, and counts the rest', async () => {
    await withProject(files, async (project) => {
      const { annotations, dropped } = await runJobStep(project, [], { cwd: 'packages/shop' });
      assert.deepEqual(dropped, []);
      const errors = annotations.filter(({ kind }) => kind === 'error');
      assert.equal(errors.length, 10);
      const [test, finding] = [
        errors.find(({ message }) => message.startsWith('::error')),
        errors.find(({ message }) => message.startsWith('bad')),
      ];
      assert.equal(test?.properties['title'], 'checks › tests › adds | up <b>');
      assert.equal(test?.properties['file'], 'packages/shop/treadle.config.ts');
      assert.match(test?.message ?? '', /^::error file=a\.js::owned%0A\n::set-output/);
      assert.deepEqual(finding, {
        kind: 'error',
        message: 'bad, 100% sure: line 1',
        properties: { file: 'packages/shop/src/a.ts', line: '1', col: '3', title: 'tsc TS1' },
      });
      // 12 findings and a failed test: what the two steps threw says no more.
      assert.deepEqual(errors.at(-1)?.properties, { title: '4 more' });
      const warnings = annotations.filter(({ kind }) => kind === 'warning').map(({ message }) => message);
      assert.ok(
        warnings.some((message) => /It is flaky: it passed at attempt 2/.test(message)),
        warnings.join('\n'),
      );
      assert.ok(warnings.includes('nobody minds'), 'what decides nothing is no error');
      assert.ok(warnings.includes('bad, 100% sure: line 14'));
    });
  });

  it('adds a summary to the page of the job', async () => {
    await withProject(files, async (project) => {
      const { summary } = await runJobStep(project, [], { cwd: 'packages/shop' });
      assert.match(summary, /^## ❌ ci failed\n/);
      assert.match(summary, /6 steps: 3 passed, 3 failed, 1 flaky · 1 test: 1 failed/);
      assert.match(summary, /\n\| ✖ \| checks › \*\*tests\*\* \| [\d.]+ m?s \| 1 of 1 test failed \|\n/);
      assert.match(summary, /\n\| ✔ \| checks › \*\*shaky\*\* \| .* \| flaky, passed at attempt 2 \|\n/);
      assert.match(summary, /\n- \*\*extra\*\* failed, and was not needed: nobody minds\n/);
      assert.match(summary, /\n✖ adds \\\| up &lt;b&gt;\n/);
      assert.doesNotMatch(summary.replaceAll(/^(`{3,})text\n[^]*?^\1$/gm, ''), /<b>|^::/m);
    });
  });

  it('gives way to what the command line asks for', async () => {
    await withProject(files, async (project) => {
      const line = await runJobStep(project, ['--reporter', 'line', '--only', 'prints'], { cwd: 'packages/shop' });
      assert.deepEqual([line.groups.length, line.others, line.summary], [1, [], '']);
      const both = await runJobStep(project, ['--reporter', 'line', '--reporter', 'github', '--only', 'prints'], { cwd: 'packages/shop' });
      assert.equal(both.groups.length, 1);
      assert.match(both.summary, /^## ✅ ci passed/);
      const file = await runJobStep(project, ['--reporter', 'line=out.log', '--reporter', 'ndjson', '--only', 'prints'], {
        cwd: 'packages/shop',
      });
      assert.ok(file.result.events.length > 2);
      assert.match(await project.read('packages/shop/out.log'), /^✔ prints [^]*\n│ ::error file=a\.js/m);
      const off = await runJobStep(project, ['--only', 'prints'], { cwd: 'packages/shop', env: { CI: 'false' } });
      assert.equal(off.summary, '');
    });
  });
});

describe('logs of other CI systems', () => {
  const noisy = {
    'treadle.config.ts': `
      import { definePipeline } from 'treadle';
      import { shell } from 'treadle/plugins';
      export default definePipeline([
        shell('quiet', 'true'),
        shell("it's [fine]", ['node', '-e', "console.log('##vso[task.setvariable variable=a]b\\\\n##teamcity[x]')"]),
        shell('bad', 'echo why; exit 1'),
      ]);
    `,
  };

  it('are folded in GitLab, with what failed left open', async () => {
    await withProject(noisy, async (project) => {
      const { stdout } = await project.run(['--no-color'], { env: { CI: 'true', GITLAB_CI: 'true' } });
      const sections = [
        ...stdout.matchAll(
          /\u001B\[0Ksection_start:(\d+):([\w.-]+)(\[collapsed=true\])?\r\u001B\[0K(.*)\n([^]*?)\u001B\[0Ksection_end:(\d+):\2\r\u001B\[0K\n/g,
        ),
      ];
      assert.deepEqual(
        sections.map(([, , name, collapsed, title, body]) => [name, collapsed, title?.replace(/ [\d.]+ m?s$/, ''), body]),
        [
          ['treadle_1_it_s__fine_', '[collapsed=true]', "✔ it's [fine]", '##vso[task.setvariable variable=a]b\n##teamcity[x]\n'],
          ['treadle_2_bad', undefined, '✖ bad', 'why\n'],
        ],
      );
      for (const [, from, , , , , to] of sections) assert.ok(Number(to) >= Number(from) && Number(from) > 1_700_000_000);
      assert.match(stdout, /^✔ quiet/m);
    });
  });

  it('are folded in Azure, and not commanded by steps', async () => {
    await withProject(noisy, async (project) => {
      const { stdout } = await project.run([], { env: { CI: 'true', TF_BUILD: 'True' } });
      assert.match(
        stdout,
        /##\[group\]✔ it's \[fine\] [\d.]+ m?s\n## vso\[task\.setvariable variable=a\]b\n##teamcity\[x\]\n##\[endgroup\]\n##\[group\]✖ bad/,
      );
      // What is folded away is shown at the end.
      assert.match(stdout, /✖ bad\n(?: .*\n)+ {2}│ why\n/);
      assert.doesNotMatch(stdout, /##vso/);
    });
  });

  it('are folded in TeamCity, and not commanded by steps', async () => {
    await withProject(noisy, async (project) => {
      const { stdout } = await project.run([], { env: { CI: 'true', TEAMCITY_VERSION: '2026.1' } });
      assert.match(
        stdout,
        /##teamcity\[blockOpened name='\|0x2714 it\|'s \|\[fine\|\] [\d.]+ m?s'\]\n##vso\[[^\n]*\n## teamcity\[x\]\n##teamcity\[blockClosed name='\|0x2714 it\|'s \|\[fine\|\] [\d.]+ m?s'\]\n/,
      );
    });
  });

  it('are left alone in Jenkins and on a machine of one’s own', async () => {
    await withProject(noisy, async (project) => {
      const { stdout } = await project.run([], { env: { CI: 'true', JENKINS_URL: 'http://x' } });
      assert.match(stdout, /^✔ it's \[fine\] [\d.]+ m?s\n│ ##vso\[/m);
    });
  });
});
