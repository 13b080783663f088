import assert from 'node:assert/strict';
import { after, describe, it } from 'mocha';
import type { CommandOption } from '../../plugins/command-options.ts';
import { findRunner } from '../../plugins/tests/runners.ts';
import { toTestCommand } from '../../plugins/tests/test-command.ts';
import { makeProject, removeProjects } from '../support/project.ts';

/** The command that is run, with the folder of the reporters left out. */
function adapt(command: CommandOption, scripts: Readonly<Record<string, string>> = {}): unknown {
  const cwd = makeProject({ 'package.json': JSON.stringify({ scripts }) });
  const adapted = toTestCommand(command, { cwd, runner: 'auto' });
  const shorten = (text: string): string => text.replace(/'?[^\s'=]*runner-reporters\/(\w+)\.ts'?/g, '<$1>');
  return typeof adapted.command === 'string' ? shorten(adapted.command) : adapted.command.map(shorten);
}

describe('a test command', () => {
  after(removeProjects);

  it('is recognised by its runner', () => {
    const runners = {
      'npx mocha --recursive': 'mocha',
      'node node_modules/mocha/bin/mocha.js': 'mocha',
      'c8 mocha': 'mocha',
      'vitest run': 'vitest',
      'npx playwright test --grep x': 'playwright',
      'npx playwright install': undefined,
      './node_modules/.bin/jest -i': 'jest',
      'node --test': 'node',
      'node --import tsx --test test/*.ts': 'node',
      'node test.js': undefined,
      'node --test-only x': undefined,
      'npx mocha-junit': undefined,
      'pytest tests/mocha mocha': undefined,
      'NODE_ENV=test npx --no mocha': 'mocha',
      'pnpm exec vitest': 'vitest',
    };
    assert.deepEqual(Object.fromEntries(Object.keys(runners).map((command) => [command, findRunner(command)?.runner])), runners);
  });

  it('is given what its runner needs to report', () => {
    assert.equal(adapt('npx mocha'), 'npx mocha --reporter <mocha>');
    assert.deepEqual(adapt(['npx', 'mocha']), ['npx', 'mocha', '--reporter', '<mocha>']);
    assert.equal(adapt('npm run build && vitest run'), 'npm run build && vitest run --reporter=<vitest>');
    assert.equal(adapt('jest'), 'jest --testLocationInResults --reporters=<jest>');
    assert.equal(adapt('npx playwright test'), 'npx playwright test --reporter=<playwright>');
    assert.equal(adapt('node --test'), 'node --test');
  });

  it('is given it by way of its package manager', () => {
    const scripts = { test: 'mocha', e2e: 'playwright test', chain: 'eslint . && jest', piped: 'mocha | tee log' };
    assert.equal(adapt('npm test', scripts), 'npm test -- --reporter <mocha>');
    assert.equal(adapt('npm t -- --bail', scripts), 'npm t -- --bail --reporter <mocha>');
    assert.equal(adapt('npm run e2e', scripts), 'npm run e2e -- --reporter=<playwright>');
    assert.equal(adapt('pnpm run e2e', scripts), 'pnpm run e2e --reporter=<playwright>');
    assert.equal(adapt('npm run chain', scripts), 'npm run chain -- --testLocationInResults --reporters=<jest>');
    assert.equal(adapt('npm run piped', scripts), 'npm run piped');
    assert.equal(adapt('npm run missing', scripts), 'npm run missing');
  });

  it('stays as it is when it is more than a chain, or chooses a report', () => {
    for (const command of [
      'mocha | tee log',
      'mocha > log',
      'mocha --reporter dot',
      'mocha -R dot',
      'jest --reporters=default',
      'make test',
    ]) {
      assert.equal(adapt(command), command);
    }
    assert.equal(adapt('npm test', { test: 'mocha --reporter=min' }), 'npm test');
    assert.equal(adapt('npm test -- --reporter min', { test: 'mocha' }), 'npm test -- --reporter min');
    assert.equal(adapt('c8 --reporter=lcov mocha'), 'c8 --reporter=lcov mocha --reporter <mocha>');
  });
});
