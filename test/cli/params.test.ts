import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { applyParams, misspeltParams, parseParam } from '../../core/cli/params.ts';
import { withProject } from '../support/cli.ts';

const apply = (config: Record<string, unknown>, ...assignments: string[]): Record<string, unknown> =>
  applyParams(config, assignments.map(parseParam));

const fails = (run: () => unknown, pattern: RegExp): void => {
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error);
    assert.equal(error.code, 'E_PARAM_INVALID');
    assert.match(error.message, pattern);
    return true;
  });
};

describe('--param', () => {
  it('reads JSON where it is JSON, else text', () => {
    assert.deepEqual(apply({}, 'a=1', 'b=true', 'c=null', 'd={"x":[1]}', 'e=[1,2]', 'f="3"', 'g=three', 'h=', 'i=a=b'), {
      a: 1,
      b: true,
      c: null,
      d: { x: [1] },
      e: [1, 2],
      f: '3',
      g: 'three',
      h: '',
      i: 'a=b',
    });
  });

  it('sets nested keys and leaves their neighbours alone', () => {
    assert.deepEqual(apply({ server: { port: 1, host: 'h' }, other: 1 }, 'server.port=2', 'server.tls.on=true'), {
      server: { port: 2, host: 'h', tls: { on: true } },
    });
  });

  it('does not change the config that it is given', () => {
    const config = { server: { port: 1 } };
    apply(config, 'server.port=2');
    assert.deepEqual(config, { server: { port: 1 } });
  });

  it('keeps text as text where the config has text', () => {
    assert.deepEqual(apply({ version: '1.0' }, 'version=1.10'), { version: '1.10' });
    assert.deepEqual(apply({ version: '1.0' }, 'version="1.10"'), { version: '1.10' });
    assert.deepEqual(apply({ flag: 'x' }, 'flag=true'), { flag: 'true' });
  });

  it('refuses a value of another type than the config has', () => {
    fails(() => apply({ port: 1 }, 'port=high'), /port must be a number, not "high"/);
    fails(() => apply({ on: true }, 'on=1'), /on must be a boolean/);
    fails(() => apply({ list: [] }, 'list=a'), /list must be an array/);
    fails(() => apply({ server: { port: 1 } }, 'server=x'), /server must be an object/);
    fails(() => apply({ server: { port: 1 } }, 'server.port=x'), /server\.port must be a number/);
    fails(() => apply({ port: 1 }, 'port.x=1'), /port is 1/);
  });

  it('takes anything where the config has null or nothing', () => {
    assert.deepEqual(apply({ a: null }, 'a=1', 'b=x'), { a: 1, b: 'x' });
  });

  it('refuses what is no assignment and keys that reach prototypes', () => {
    fails(() => apply({}, 'port'), /KEY=VALUE/);
    fails(() => apply({}, '=1'), /KEY=VALUE/);
    fails(() => apply({}, 'a..b=1'), /empty key/);
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      fails(() => apply({}, `${key}=1`), /must not set/);
      fails(() => apply({}, `a.${key}.b=1`), /must not set/);
    }
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  });

  it('does not take inherited members for settings', () => {
    assert.deepEqual(apply({}, 'toString=1', 'a.hasOwnProperty=2'), { toString: 1, a: { hasOwnProperty: 2 } });
  });

  it('tells which names are nearly those of the config', () => {
    const misspelt = (...assignments: readonly string[]): readonly string[] =>
      misspeltParams([{ name: 'a', server: { port: 1 } }, { baseUrl: '' }], assignments.map(parseParam)).map((message) =>
        message.replace(" sets what the pipeline's config does not have. Did you mean", ':'),
      );
    assert.deepEqual(misspelt('nam=x', 'server.prot=2', 'baseURL=x'), [
      '--param nam: "name"?',
      '--param server.prot: "server.port"?',
      '--param baseURL: "baseUrl"?',
    ]);
    assert.deepEqual(misspelt('name=x', 'server.port=2', 'baseUrl=x', 'tag=v1', 'server.tls.on=true', 'name.x=1', 'toString=1'), []);
  });

  it('warns of a name that is probably misspelt, and sets it all the same', async () => {
    const config = `import { definePipeline, step } from 'treadle';
export default definePipeline([step('show', ({ config, log }) => log(JSON.stringify(config)))], { config: { name: 'me' } });`;
    await withProject({ 'treadle.config.js': config }, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(['--param', 'nam=you']);
      assert.equal(exitCode, 0, stderr);
      assert.equal(stderr, `treadle: --param nam sets what the pipeline's config does not have. Did you mean "name"?\n`);
      assert.match(stdout, /\{"name":"me","nam":"you"\}/);
      assert.equal((await project.run(['--param', 'name=you'])).stderr, '');
    });
  });

  it('puts back any JSON value under any key (property)', () => {
    const key = fc
      .string({ minLength: 1 })
      .filter((text) => !/[=.]/.test(text) && !['__proto__', 'constructor', 'prototype'].includes(text));
    fc.assert(
      fc.property(key, fc.jsonValue(), (name, value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(apply({}, `${name}=${text}`)[name], JSON.parse(text));
      }),
    );
  });
});
