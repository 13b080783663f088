import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withProject, type CliResult } from '../support/cli.ts';

const token = 'tok"en/4f9A+42';
const env = {
  DEPLOY_TOKEN: token,
  PRIVATE_KEY: 'first-line-of-it\nsecond-line-of-it',
  DATABASE_URL: 'postgres://app:hunter2@db/shop',
  PLAIN: 'visible',
};

/** Everything that a run left in its project's `.treadle`, apart from compiled code. */
function kept(root: string): string {
  return readdirSync(join(root, '.treadle'), { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.startsWith('compiled'))
    .map((file) => join(root, '.treadle', file))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');
}

const said = ({ stdout, stderr }: CliResult): string => stdout + stderr;

const config = `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
const print = (text) => ['node', '-e', text];
export default definePipeline([
  shell('plain', print('console.log(process.env.DEPLOY_TOKEN, process.env.PLAIN)'), { inputs: ['in.txt'] }),
  shell('pieces', print('const t = process.env.DEPLOY_TOKEN; process.stdout.write("a" + t.slice(0, 5)); setTimeout(() => console.log(t.slice(5) + "z"), 50)')),
  shell('forms', print('const t = process.env.DEPLOY_TOKEN; console.log(JSON.stringify({ t }), encodeURIComponent(t), Buffer.from(t).toString("base64"))')),
  shell('lines', print('console.log(process.env.PRIVATE_KEY)')),
  shell('url', print('console.log(process.env.DATABASE_URL)')),
  shell('given', print('console.log(process.env.SERVICE_PASSWORD)'), { env: { SERVICE_PASSWORD: 'of-this-step-only' } }),
  shell('named', print('console.log(process.env.CUSTOM, process.env.PUBLIC_TOKEN)')),
  step('code', (context) => {
    const token = process.env.DEPLOY_TOKEN;
    context.results.leaked = { [token]: [token] };
    context.updateStepProgress(50, token);
    context.diagnostic({ file: 'a.ts', line: 1, column: 1, severity: 'error', message: token, source: 'x' });
    throw Object.assign(new Error('no ' + token), { request: { token } });
  }),
], { failFast: false, secrets: ['CUSTOM', '!PUBLIC_TOKEN'] });`;
const named = { CUSTOM: 'own-secret', PUBLIC_TOKEN: 'shown-to-all' };
const hidden = [
  token,
  'first-line-of-it',
  'second-line-of-it',
  'hunter2',
  'of-this-step-only',
  'own-secret',
  encodeURIComponent(token),
  Buffer.from(token).toString('base64'),
  JSON.stringify(token).slice(1, -1),
];

describe('secrets', () => {
  for (const reporter of ['ndjson', 'line', 'json', 'tree']) {
    it(`are in nothing that the reporter ${reporter} shows, nor in what is kept`, async () => {
      await withProject({ 'treadle.config.js': config, 'in.txt': '' }, async (project) => {
        const result = await project.run(['run', '--reporter', reporter, '--trace', '.treadle/trace.json'], { env: { ...env, ...named } });
        assert.equal(result.exitCode, 1);
        const again = await project.run(['run', '--reporter', reporter, '--only', 'plain'], { env: { ...env, ...named } });
        assert.equal(again.exitCode, 0);
        for (const value of hidden) {
          assert.ok(!said(result).includes(value), `${value} in\n${said(result)}`);
          assert.ok(!said(again).includes(value), `${value} in\n${said(again)}`);
          assert.ok(!kept(project.root).includes(value), `${value} was kept`);
        }
        assert.match(said(result), /no \*\*\*/);
        if (reporter !== 'tree') assert.match(said(result), /postgres:\/\/app:\*\*\*@db\/shop/);
      });
    });
  }

  it('leave the rest of the output as it is', async () => {
    await withProject({ 'treadle.config.js': config, 'in.txt': '' }, async (project) => {
      const { events } = await project.run(['run', '--reporter', 'ndjson'], { env: { ...env, ...named } });
      const output = (id: string): string =>
        events.flatMap((event) => (event.type === 'step:output' && event.id === id ? [event.text] : [])).join('');
      assert.equal(output('plain'), '*** visible\n');
      assert.equal(output('pieces'), 'a***z\n');
      assert.equal(output('forms'), '{"t":"***"} *** ***\n');
      assert.equal(output('lines'), '***\n');
      assert.equal(output('named'), '*** shown-to-all\n');
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => index),
      );
    });
  });

  it('are not shown by list, a dry run, or an error of the pipeline file', async () => {
    const literal = config.replace("'of-this-step-only'", 'process.env.DEPLOY_TOKEN');
    await withProject(
      { 'treadle.config.js': literal, 'in.txt': '', 'broken.config.js': 'throw new Error(process.env.DEPLOY_TOKEN);' },
      async (project) => {
        for (const args of [['list', '--json'], ['list'], ['run', '--dry-run'], ['list', '--config', 'broken.config.js']]) {
          const result = await project.run(args, { env });
          assert.ok(!said(result).includes(token) && !said(result).includes(JSON.stringify(token).slice(1, -1)), said(result));
        }
      },
    );
  });

  it('must be named as texts', async () => {
    await withProject({ 'treadle.config.json': '{ "steps": [], "secrets": "TOKEN" }' }, async (project) => {
      const { exitCode, stderr } = await project.run(['list', '--config', 'treadle.config.json']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /secrets must be a list of texts, not 'TOKEN'/);
    });
  });
});
