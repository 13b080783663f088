import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { reviveError, serializeError } from '../../../core/context/errors.ts';
import { TreadleError, type SerializedError } from '../../../core/contract/errors.ts';
import { put } from './data.ts';

/** Serialises and checks what holds for whatever was thrown: it is plain JSON, of bounded size. */
function serialised(thrown: unknown, ...about: [] | [Parameters<typeof serializeError>[1]]): SerializedError {
  const error = serializeError(thrown, ...about);
  const json = JSON.stringify(error);
  assert.deepStrictEqual(JSON.parse(json), error);
  assert.ok(json.length < 5_000_000, `${json.length} characters`);
  return error;
}

const throwing = (): never => {
  throw new Error('the getter threw');
};
const withGetter = (...keys: string[]): Error => {
  const error = new Error('kept');
  for (const key of keys) Object.defineProperty(error, key, { get: throwing, enumerable: true, configurable: true });
  return error;
};

describe('serialising an error', () => {
  it('keeps class, message, stack, own fields and cause', () => {
    const cause = new RangeError('deeper');
    const error = Object.assign(new TypeError('no', { cause }), { code: 'ENOENT', details: { list: [1, 'a', null] } });
    const { stack, cause: inner, ...rest } = serialised(error, { stepId: 'build' });
    assert.deepEqual(rest, {
      code: 'E_STEP_FAILED',
      name: 'TypeError',
      message: 'no',
      stepId: 'build',
      props: { code: 'ENOENT', details: { list: [1, 'a', null] } },
    });
    assert.equal(stack, error.stack);
    assert.equal(inner?.name, 'RangeError');
    assert.equal(inner.message, 'deeper');
  });

  it('gives the code that it is told, with its hint', () => {
    const { code, hint } = serialised(new Error('x'), { code: 'E_UNCAUGHT' });
    assert.equal(code, 'E_UNCAUGHT');
    assert.match(hint ?? '', /await that work/);
  });

  it('keeps what a TreadleError says, over what it is told', () => {
    const errors = [serialised(new Error('one')), serialised(new Error('two'))];
    const location = { file: 'a.ts', line: 1, column: 2 };
    const details = { hint: 'Do this.', stepId: 'own', location, errors, props: { deep: { list: [1] } } };
    const { stack, ...rest } = serialised(new TreadleError('E_TIMEOUT', 'late', details), { code: 'E_UNCAUGHT', stepId: 'other' });
    assert.ok(stack !== undefined);
    assert.deepEqual(rest, { code: 'E_TIMEOUT', message: 'late', name: 'TreadleError', ...details });
  });

  it('names the class of an error that has no name of its own', () => {
    class HttpError extends Error {
      readonly status = 404;
    }
    const { name, props } = serialised(new HttpError('gone'));
    assert.deepEqual([name, props], ['HttpError', { status: 404 }]);
    assert.equal(serialised(Object.assign(new Error('x'), { name: 'Custom' })).name, 'Custom');
    assert.equal(serialised(new Error('x')).name, 'Error');
  });

  it('takes what aggregates hold', () => {
    const error = serialised(new AggregateError([new TypeError('one'), 'two', null], 'both'));
    assert.equal(error.name, 'AggregateError');
    assert.deepEqual(
      error.errors?.map(({ name, message }) => [name, message]),
      [
        ['TypeError', 'one'],
        ['Error', 'two'],
        ['Error', 'null'],
      ],
    );
  });

  it('knows the errors of other realms, and those of the platform', () => {
    const foreign = serialised(runInNewContext('Object.assign(new SyntaxError("far"), { line: 3 })'));
    assert.deepEqual([foreign.name, foreign.message, foreign.props], ['SyntaxError', 'far', { line: 3 }]);
    const abort = serialised(AbortSignal.abort().reason);
    assert.deepEqual([abort.name, abort.message], ['AbortError', 'This operation was aborted']);
    const timeout = serialised(new DOMException('took too long', 'TimeoutError'));
    assert.deepEqual([timeout.name, timeout.message], ['TimeoutError', 'took too long']);
  });

  it('shows what was thrown when that is no error', () => {
    const shown: readonly (readonly [unknown, string])[] = [
      [null, 'Threw null'],
      [undefined, 'Threw undefined'],
      ['text', "Threw 'text'"],
      [42n, 'Threw 42n'],
      [Symbol('s'), 'Threw Symbol(s)'],
      [{ reason: 'none' }, "Threw { reason: 'none' }"],
      [Object.create(null), 'Threw [Object: null prototype] {}'],
    ];
    for (const [thrown, message] of shown) {
      assert.deepEqual(serialised(thrown, { stepId: 's' }), { code: 'E_STEP_FAILED', name: 'Error', message, stepId: 's' });
    }
    assert.match(serialised(() => 1).message, /^Threw \[Function/);
  });

  it('survives cycles of causes and aggregates', () => {
    const [a, b] = [new Error('a'), new Error('b')];
    a.cause = b;
    b.cause = a;
    const error = serialised(a);
    assert.equal(error.cause?.message, 'b');
    assert.equal(error.cause.cause, undefined);
    const self = new AggregateError([], 'all');
    self.errors.push(self, a);
    self.cause = self;
    assert.deepEqual(
      serialised(self).errors?.map(({ message }) => message),
      ['a'],
    );
  });

  it('survives fields that are circular, throw, or are no data', () => {
    const circular: Record<string, unknown> = { list: [] };
    circular['self'] = circular;
    (circular['list'] as unknown[]).push(circular);
    const error = withGetter('details');
    Object.assign(error, {
      circular,
      nested: { get x() { return throwing(); }, y: 1 }, // prettier-ignore
      map: new Map([['k', { a: 1 }]]),
      bytes: new Uint8Array([1, 2]),
      when: new Date(0),
      url: new URL('http://localhost/a'),
      big: 12n,
      none: undefined,
      fn: () => 1,
      nan: Number.NaN,
      proxy: new Proxy({}, { ownKeys: throwing, get: throwing }),
    });
    put(error, '__proto__', { polluted: true });
    const { props } = serialised(error);
    assert.deepEqual(Object.entries(props ?? {}), [
      ['details', '[unreadable]'],
      ['circular', { list: ['[Circular]'], self: '[Circular]' }],
      ['nested', { x: '[unreadable]', y: 1 }],
      ['map', "Map(1) { 'k' => { a: 1 } }"],
      ['bytes', 'Uint8Array(2) [ 1, 2 ]'],
      ['when', '1970-01-01T00:00:00.000Z'],
      ['url', 'http://localhost/a'],
      ['big', '12n'],
      ['nan', 'NaN'],
      ['proxy', '{}'],
      ['__proto__', { polluted: true }],
    ]);
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });

  it('survives getters that throw in place of what it reads first', () => {
    for (const key of ['name', 'message', 'stack', 'cause', 'errors', 'code', 'hint', 'props', 'constructor']) {
      assert.equal(serialised(withGetter(key)).code, 'E_STEP_FAILED', key);
    }
    const all = serialised(withGetter('name', 'message', 'stack', 'cause', 'errors', 'code', 'props', 'constructor'));
    assert.deepEqual(all, {
      code: 'E_STEP_FAILED',
      name: 'Error',
      message: '',
      props: { code: '[unreadable]', props: '[unreadable]', constructor: '[unreadable]' },
    });
  });

  it('survives a Proxy that answers nothing', () => {
    const handler = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((trap) => [trap, throwing]));
    for (const target of [new Error('inside'), {}, () => 1]) {
      const { code, message } = serialised(new Proxy(target, handler));
      assert.equal(code, 'E_STEP_FAILED');
      assert.match(message, /^Threw /);
    }
  });

  it('believes no error that merely calls itself a TreadleError', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const forged = Object.assign(new Error('x'), {
      name: 'TreadleError',
      code: 'E_TIMEOUT',
      hint: 5,
      stepId: {},
      location: { file: 1 },
      props: circular,
      errors: [1, { code: 'E_NONE', message: '', name: '' }, { code: 'E_TIMEOUT', message: 'm', name: 'n' }],
    });
    const { stack, hint, ...rest } = serialised(forged);
    assert.ok(stack !== undefined && typeof hint === 'string');
    assert.deepEqual(rest, {
      code: 'E_TIMEOUT',
      message: 'x',
      name: 'TreadleError',
      props: { self: '[Circular]' },
      errors: [{ code: 'E_TIMEOUT', message: 'm', name: 'n' }],
    });
    assert.equal(serialised(Object.assign(new Error('x'), { name: 'TreadleError', code: 'constructor' })).code, 'E_STEP_FAILED');
  });

  it('is bounded, however much there is', () => {
    const error = new Error('m'.repeat(1_000_000));
    error.stack = `Error\n${'    at f (/a/b.js:1:2)\n'.repeat(100_000)}`;
    for (let index = 0; index < 20_000; index += 1) put(error, `p${index}`, 'y'.repeat(1000));
    put(error, 'long', 'z'.repeat(10_000_000));
    const { message, stack, props } = serialised(error);
    assert.match(message, /^m{20000}… \(980000 more characters\)$/);
    assert.ok((stack ?? '').length < 21_000);
    assert.ok(JSON.stringify(props).length < 30_000);
    assert.match(String(props?.['…']), /^\d+ more$/);
    let tree: unknown = new Error('leaf');
    for (let level = 0; level < 7; level += 1) tree = new AggregateError(new Array(30).fill(tree), 'level', { cause: tree });
    const count = ({ errors = [], cause }: SerializedError): number =>
      1 + errors.reduce((sum, each) => sum + count(each), 0) + (cause === undefined ? 0 : count(cause));
    assert.ok(count(serialised(tree)) <= 100);
    let chain = new Error('last');
    for (let level = 0; level < 100_000; level += 1) chain = new Error('next', { cause: chain });
    assert.ok(count(serialised(chain)) < 12);
    let deep: unknown = 'bottom';
    for (let level = 0; level < 100_000; level += 1) deep = { deep };
    serialised(Object.assign(new Error('x'), { deep }));
  });

  it('knows one zero, as JSON does', () => {
    assert.deepStrictEqual(serialised(Object.assign(new Error('x'), { zero: -0 })).props, { zero: 0 });
  });

  it('never throws, and always gives plain JSON', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    });
    const field = fc.constantFrom(
      'name',
      'message',
      'stack',
      'cause',
      'errors',
      'code',
      'hint',
      'props',
      'location',
      'stepId',
      '__proto__',
      'x',
    );
    fc.assert(
      fc.property(anything, fc.array(fc.tuple(field, anything)), fc.boolean(), (thrown, fields, own) => {
        serialised(thrown);
        const error = new Error('x');
        for (const [key, value] of fields) put(error, key, value);
        if (own) Object.assign(error, { name: 'TreadleError', code: 'E_TIMEOUT' });
        const { code, name, message } = serialised(error, { stepId: 's', root: '/project' });
        assert.deepEqual([typeof code, typeof name, typeof message], ['string', 'string', 'string']);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the place of an error', () => {
  const locate = (...frames: string[]) => {
    const error = new Error('x');
    error.stack = ['Error: x', ...frames.map((frame) => `    at ${frame}`)].join('\n');
    return serializeError(error, { root: '/my project' }).location;
  };

  it('is the first frame in the project, not in packages or what was compiled', () => {
    assert.deepEqual(
      locate(
        'node:internal/process:1:2',
        'inner (/elsewhere/lib.js:1:2)',
        'dep (/my project/node_modules/dep/index.js:1:2)',
        'nested (/my project/packages/a/node_modules/dep/index.js:1:2)',
        'compiled (/my project/.treadle/compiled/a.mjs:1:2)',
        'own (/my project/src/a.ts:3:4)',
        'later (/my project/src/b.ts:5:6)',
      ),
      { file: 'src/a.ts', line: 3, column: 4 },
    );
    assert.equal(locate('own (/my project files/a.ts:1:2)', 'up (/a.ts:1:2)'), undefined);
    assert.equal(serializeError(new Error('x')).location, undefined);
  });

  it('is read from every form of frame', () => {
    const forms: readonly (readonly [string, string])[] = [
      ['/my project/a.ts:3:4', 'a.ts'],
      ['async /my project/a.ts:3:4', 'a.ts'],
      ['async Promise.all (index 0)', ''],
      ['new Thing (/my project/src/(group)/a b.ts:3:4)', 'src/(group)/a b.ts'],
      ['file:///my%20project/a%23.ts:3:4', 'a#.ts'],
      ['async run (file:///my%20project/a.ts:3:4)', 'a.ts'],
      ['Object.<anonymous> [as run] (/my project/a.ts:3:4)', 'a.ts'],
      ['eval (eval at run (/my project/a.ts:3:4), <anonymous>:1:1)', ''],
      ['<anonymous>', ''],
      ['native', ''],
    ];
    for (const [frame, file] of forms) assert.deepEqual(locate(frame), file === '' ? undefined : { file, line: 3, column: 4 }, frame);
  });

  it("is the one of what a TreadleError of the engine's wraps", () => {
    const cause = new Error('inner');
    cause.stack = 'Error: inner\n    at run (/my project/a.ts:3:4)';
    const outer = new TreadleError('E_UNCAUGHT', 'outer', { cause });
    assert.deepEqual(serializeError(outer, { root: '/my project' }).location, { file: 'a.ts', line: 3, column: 4 });
  });

  it('is not looked for in lines that no path is as long as', () => {
    assert.deepEqual(locate(`run (/my project/${'d/'.repeat(800)}a.ts:3:4)`)?.line, 3);
    assert.equal(locate(`run (/my project/${'d/'.repeat(1000)}a.ts:3:4)`), undefined);
  });
});

describe('reviving an error', () => {
  it('gives an error to throw, which serialises to what it came from', () => {
    const original = Object.assign(new TypeError('no', { cause: new AggregateError([new Error('part')], 'inner') }), { code: 'EX' });
    const error = serialised(original, { stepId: 'a' });
    const revived = reviveError(error);
    assert.ok(revived instanceof TreadleError);
    assert.equal(revived.code, 'E_STEP_FAILED');
    assert.equal(revived.message, 'no');
    assert.equal(revived.stack, original.stack);
    assert.ok(revived.cause instanceof TreadleError);
    assert.equal(revived.cause.message, 'inner');
    assert.deepStrictEqual(serialised(revived, { stepId: 'b', code: 'E_UNCAUGHT' }), error);
    const { stepId: _, ...nowhere } = error;
    assert.deepStrictEqual(serialised(reviveError(nowhere), { stepId: 'b' }), { ...nowhere, stepId: 'b' });
    assert.deepStrictEqual(serialised(new Error('around', { cause: revived })).cause, error);
  });
});
