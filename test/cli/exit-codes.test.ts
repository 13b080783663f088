import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { withProject } from '../support/cli.ts';

/** A pipeline file with these steps. */
const pipeline = (steps: string, settings = '{}'): Record<string, string> => ({
  'treadle.config.ts': `
    import { definePipeline, step } from 'treadle';
    import { shell } from 'treadle/plugins';
    export default definePipeline([${steps}], ${settings});
  `,
});

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly exitCode: number;
  readonly says: RegExp;
  readonly args?: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'a run that passes', files: pipeline(`step('a', () => {})`), exitCode: 0, says: /a/ },
  { name: 'an empty pipeline, where that is allowed', files: pipeline(''), args: ['--pass-with-no-steps'], exitCode: 0, says: /./ },
  { name: 'a step that throws', files: pipeline(`step('a', () => { throw new Error('no luck') })`), exitCode: 1, says: /no luck/ },
  { name: 'a command that fails', files: pipeline(`shell('a', { command: 'exit 3' })`), exitCode: 1, says: /E_COMMAND_FAILED/ },
  {
    name: 'a failure that does not count',
    files: pipeline(`step('a', () => { throw new Error('x') }, { critical: false })`),
    exitCode: 0,
    says: /a/,
  },
  { name: 'a timeout', files: pipeline(`step('a', () => { while (true); }, { timeout: 200 })`), exitCode: 1, says: /E_TIMEOUT/ },
  {
    name: 'the pipeline’s timeout',
    files: pipeline(`step('a', () => new Promise(() => {}))`),
    args: ['--timeout', '200ms'],
    exitCode: 1,
    says: /E_TIMEOUT/,
  },
  { name: 'process.exit(0) in a step', files: pipeline(`step('a', () => process.exit(0))`), exitCode: 1, says: /E_PROCESS_EXIT/ },
  { name: 'no pipeline file', files: {}, exitCode: 2, says: /E_CONFIG_NOT_FOUND/ },
  {
    name: 'a pipeline file that throws',
    files: { 'treadle.config.ts': 'throw new Error("boom")' },
    exitCode: 2,
    says: /E_CONFIG_LOAD[\s\S]*boom/,
  },
  {
    name: 'a pipeline file that does not parse',
    files: { 'treadle.config.ts': 'export default (' },
    exitCode: 2,
    says: /treadle\.config\.ts:1:/,
  },
  {
    name: 'a list of steps that contains itself',
    files: {
      'treadle.config.ts': `import { definePipeline, step } from 'treadle';
const loop: unknown[] = [step('a', () => {})];
loop.push(loop);
export default definePipeline(loop as never);
`,
    },
    exitCode: 2,
    says: /E_CONFIG_INVALID .*contains itself\.\n\n {2}treadle\.config\.ts:4:/,
  },
  {
    name: 'a group that contains itself',
    files: {
      'treadle.config.ts': `import { all, definePipeline, step } from 'treadle';
const children: unknown[] = [step('a', () => {})];
const loop = all(children as never, { id: 'loop' });
children.push(loop);
export default definePipeline([loop]);
`,
    },
    exitCode: 2,
    says: /E_CONFIG_INVALID .*"loop" contains itself\.\n\n {2}treadle\.config\.ts:3:/,
  },
  {
    name: 'lists that are nested too deep to read',
    files: {
      'treadle.config.ts': `import { definePipeline, step } from 'treadle';
let deep: unknown[] = [step('a', () => {})];
for (let level = 0; level < 20_000; level += 1) deep = [deep];
export default definePipeline(deep as never);
`,
    },
    exitCode: 2,
    says: /E_CONFIG_INVALID .*nested more than 200 levels deep\.\n\n {2}treadle\.config\.ts:4:/,
  },
  { name: 'no default export', files: { 'treadle.config.ts': 'export const a = 1' }, exitCode: 2, says: /E_CONFIG_INVALID/ },
  {
    name: 'an unknown plugin',
    files: pipeline(`step('a', { uses: 'shel', with: {} })`),
    exitCode: 2,
    says: /E_PLUGIN_UNKNOWN[\s\S]*shell/,
  },
  { name: 'wrong options', files: pipeline(`shell('a', { command: 7 as never })`), exitCode: 2, says: /E_PLUGIN_OPTIONS[\s\S]*command/ },
  {
    name: 'an unknown option of a built-in plugin',
    files: pipeline(`shell('a', { comand: 'ls' } as never)`),
    exitCode: 2,
    says: /E_PLUGIN_OPTIONS step "a" \(treadle\.config\.ts:4:36\): options\.comand: there is no such option; did you mean "command"\?\n/,
  },
  {
    name: 'an unknown option of a plugin with a zod schema',
    files: {
      ...pipeline(`step('a', { uses: 'greet', with: { hwo: 'you' } })`),
      'plugins/greet.ts': `
        import { definePlugin } from 'treadle';
        import * as z from ${JSON.stringify(fileURLToPath(import.meta.resolve('zod')))};
        export default definePlugin({ options: z.strictObject({ who: z.string() }), run() {} });
      `,
    },
    exitCode: 2,
    says: /E_PLUGIN_OPTIONS step "a" .*Unrecognized key: "hwo"; did you mean "who"\?/,
  },
  { name: 'two steps of one id', files: pipeline(`step('a', () => {}), step('a', () => {})`), exitCode: 2, says: /E_STEP_DUPLICATE/ },
  {
    name: 'an unknown step',
    files: pipeline(`step('build', () => {})`),
    args: ['--only', 'biuld'],
    exitCode: 2,
    says: /E_STEP_UNKNOWN[\s\S]*"build"/,
  },
  { name: 'an unknown option', files: pipeline(''), args: ['--onyl', 'a'], exitCode: 2, says: /E_USAGE[\s\S]*--only/ },
  {
    name: 'process.exit(0) in the pipeline file',
    files: { 'treadle.config.ts': '\nprocess.exit(0)' },
    exitCode: 2,
    says: /E_CONFIG_LOAD treadle\.config\.ts:2:9: process\.exit\(\) was called while treadle\.config\.ts was being loaded\.\n\nhint /,
  },
  {
    name: 'process.exit(0) in a plugin',
    files: { ...pipeline(`step('a', { uses: 'quits' })`), 'plugins/quits.ts': 'process.exit(0)' },
    exitCode: 2,
    says: /E_PLUGIN_LOAD plugins\/quits\.ts:1:9: process\.exit\(\) was called while plugins\/quits\.ts was being loaded\./,
  },
  {
    name: 'an error of a timer while the pipeline file is loaded',
    files: { 'treadle.config.ts': `setTimeout(() => { throw new Error('late'); });\nawait new Promise(() => {});` },
    exitCode: 2,
    says: /E_CONFIG_LOAD treadle\.config\.ts: an error that nothing caught ended the process[\s\S]*Error: late/,
  },
  {
    name: 'a function in config',
    files: {
      'treadle.config.ts': `
        import { definePipeline, step } from 'treadle';
        export default definePipeline([step('a', () => {})], { config: { tools: { build: () => 1 } } });
      `,
    },
    exitCode: 2,
    says: /^\nE_CONFIG_INVALID Pipeline "default": config\.tools\.build is the function build, .*\n\n {2}treadle\.config\.ts:3:24\n/,
  },
  {
    name: 'a name that treadle does not export',
    files: { 'treadle.config.ts': `import {\n  definePipelin,\n} from 'treadle';\nexport default definePipelin([]);` },
    exitCode: 2,
    says: /treadle\.config\.ts:2:3: SyntaxError: The requested module 'treadle' does not provide an export named 'definePipelin'/,
  },
  {
    name: 'a name that treadle/plugins does not export',
    files: {
      'treadle.config.ts': `import { definePipeline } from 'treadle';\nimport { shel } from 'treadle/plugins';\nexport default definePipeline([shel('a', 'ls')]);`,
    },
    exitCode: 2,
    says: /treadle\.config\.ts:2:10: SyntaxError: The requested module 'treadle\/plugins' does not provide an export named 'shel'/,
  },
  {
    name: 'a misspelt with',
    files: pipeline(`step('a', { uses: 'shell', wiht: 'ls' } as never)`),
    exitCode: 2,
    says: /unknown setting "wiht"[\s\S]*Did you mean "with"\?[\s\S]*: options\.command is missing\n/,
  },
  {
    name: 'an import of a part of a package that is not there',
    files: { 'treadle.config.ts': `import a from '@scope/name/part';\nimport b from 'fs/promise';\nexport default a(b);` },
    exitCode: 2,
    says: /"npm install --save-dev @scope\/name"[\s\S]*Node\.js has a module fs, but no fs\/promise\./,
  },
  {
    name: 'a default export that is a function',
    files: { 'treadle.config.ts': 'export default () => {};' },
    exitCode: 2,
    says: /is a function, not/,
  },
  {
    name: 'a pipeline file of a kind that is not read',
    files: { 'treadle.config.cts': '' },
    exitCode: 2,
    says: /E_CONFIG_NOT_FOUND[\s\S]*hint treadle\.config\.cts is not read/,
  },
  {
    name: 'a plugin and a pipeline file that import each other',
    files: {
      'treadle.config.ts': `
        import { definePipeline } from 'treadle';
        import greet from './plugins/greet.ts';
        export const name = 'greet';
        export default definePipeline([greet('a')]);
      `,
      'plugins/greet.ts': `
        import { definePlugin } from 'treadle';
        import { name } from '../treadle.config.ts';
        export default definePlugin({ name, run() {} });
      `,
    },
    exitCode: 2,
    says: /E_CONFIG_LOAD treadle\.config\.ts:5:[^]*hint What the file "greet" exports by default is no function, or .* import each other\./,
  },
  {
    name: 'programs that are not installed',
    files: pipeline(`
      step('t', { uses: 'tests', with: { command: 'not-there --run', runner: 'none' }, critical: false }),
      step('s', { uses: 'service', with: { command: 'not-there', ready: { port: 1 } } }),
    `),
    exitCode: 1,
    says: /✖ t\n {2}E_COMMAND_NOT_FOUND `not-there --run` exited with 127 and reported no tests:[^]*✖ s\n {2}E_COMMAND_NOT_FOUND `not-there`[^]*hint Install/,
  },
  {
    name: 'steps with a comma between them',
    files: pipeline(`step('build', () => {}), step('a b', () => {})`),
    args: ['--only', 'build,a b'],
    exitCode: 2,
    says: /Name them one by one: build "a b"\./,
  },
  {
    name: 'a step where a pipeline is named',
    files: pipeline(`step('build', () => {})`),
    args: ['build'],
    exitCode: 2,
    says: /There is no command or pipeline "build"\.\n\nhint There is a step of that name: treadle run --only build\. Name one of: default\./,
  },
  {
    name: 'an unknown part of a command',
    files: pipeline(''),
    args: ['cache', 'clear'],
    exitCode: 2,
    says: /no command "treadle cache clear"[^]*Did you mean treadle cache clean\?/,
  },
  {
    name: 'several unknown steps',
    files: pipeline(`step('build', () => {})`),
    args: ['--only', 'biuld', 'lint'],
    exitCode: 2,
    says: /has 2 problems\.\n\nhint All of them are listed\./,
  },
  {
    name: 'a step that runs its own pipeline',
    files: {
      'package.json': '{ "type": "module" }',
      ...pipeline(`step('b', () => {}), shell('a b', [process.execPath, process.argv[1] ?? ''])`),
    },
    exitCode: 1,
    says: /E_USAGE Step "a b" runs the pipeline "default" that it is a step of, which would never end\./,
  },
  {
    name: 'a step that runs other steps of its pipeline',
    files: {
      'package.json': '{ "type": "module" }',
      ...pipeline(`step('b', () => {}), shell('a b', [process.execPath, process.argv[1] ?? '', '--only', 'b'])`),
    },
    exitCode: 0,
    says: /2 passed/,
  },
  {
    name: 'an error without a message',
    files: pipeline(`step('a', () => { throw new Error(); })`),
    exitCode: 1,
    says: /An error without a message\./,
  },
];

describe('exit codes', () => {
  for (const { name, files, exitCode, says, args = [] } of cases) {
    it(`${exitCode}: ${name}`, async () => {
      await withProject(files, async (project) => {
        const result = await project.run(args);
        const text = `${result.stdout}\n${result.stderr}`;
        assert.equal(result.exitCode, exitCode, text);
        assert.match(text, says);
      });
    });
  }

  it('aligns the lines of a finding', async () => {
    const problem = `{ file: 'a.ts', line: 1, column: 2, severity: 'error', message: 'one\\ntwo', source: 's' }`;
    await withProject(pipeline(`step('a', (context) => { context.diagnostic(${problem}); throw new Error('x'); })`), async (project) => {
      const { stdout } = await project.run([]);
      assert.match(stdout, /\n {4}1:2 {6}error one\n {13}two\n/);
    });
  });

  it('runs everything with --no-fail-fast, and stops early with --fail-fast', async () => {
    const files = pipeline(`step('a', () => { throw new Error('x') }), step('b', () => {})`);
    await withProject(files, async (project) => {
      const statuses = async (...args: string[]): Promise<string[]> => {
        const { exitCode, events } = await project.run([...args, '--reporter', 'ndjson']);
        assert.equal(exitCode, 1);
        return events.flatMap((event) => (event.type === 'step:end' ? [`${event.id} ${event.status}`] : []));
      };
      assert.deepEqual(await statuses('--no-fail-fast'), ['a failed', 'b passed']);
      assert.deepEqual(await statuses('--fail-fast'), ['a failed', 'b skipped']);
    });
  });
});
