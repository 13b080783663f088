import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeAddress, encodeAddress } from '../../../extension/src/output/address.ts';
import { parseAnsi } from '../../../extension/src/output/ansi.ts';
import { errorText, testErrorText } from '../../../extension/src/output/footer.ts';
import { findMentions, resolveMention } from '../../../extension/src/output/links.ts';
import { english } from './english.ts';

/** The coloured pieces, as text. */
function pieces(output: string) {
  const { text, spans } = parseAnsi(output);
  const lines = text.split('\n');
  return spans.map(({ line, start, end, style }) => ({ text: lines[line]?.slice(start, end), ...style }));
}

describe('output with colours', () => {
  it('is plain text and the places of its colours', () => {
    const { text, spans } = parseAnsi('one\n\x1b[1;31mFAIL\x1b[0m a.ts\r\n\x1b[32mok\x1b[39m end');
    assert.equal(text, 'one\nFAIL a.ts\nok end');
    assert.deepEqual(spans, [
      { line: 1, start: 0, end: 4, style: { bold: true, foreground: 1 } },
      { line: 2, start: 0, end: 2, style: { foreground: 2 } },
    ]);
  });

  it('keeps a colour over the end of a line', () => {
    assert.deepEqual(pieces('\x1b[33ma\nb\x1b[m c'), [
      { text: 'a', foreground: 3 },
      { text: 'b', foreground: 3 },
    ]);
  });

  it('has the nearest of the colours that themes define', () => {
    const colours = ['38;5;9', '38;5;196', '38;5;21', '38;5;244', '38;2;255;128;0', '38;2;40;160;60', '38:5:2', '97', '48;2;200;30;30'];
    assert.deepEqual(
      colours.map((code) => {
        const [piece] = pieces(`\x1b[${code}mx`);
        return piece?.foreground ?? piece?.background;
      }),
      [9, 9, 12, 8, 11, 2, 2, 15, 9],
    );
  });

  it('shows of a progress bar what it showed last', () => {
    const { text, spans } = parseAnsi('start\n\x1b[32m10%\x1b[0m\r\x1b[2K50%\r\x1b[32m100%\x1b[0m\ndone');
    assert.equal(text, 'start\n100%\ndone');
    assert.deepEqual(spans, [{ line: 1, start: 0, end: 4, style: { foreground: 2 } }]);
  });

  it('leaves out links, titles, movements and what is cut off', () => {
    assert.equal(
      parseAnsi('\x1b]8;;https://x.test\x07name\x1b]8;;\x1b\\ \x1b]0;title\x07\x1b[2J\x1b[?25lafter\x08\x1b[3').text,
      'name after',
    );
  });

  it('is coloured at its end, where it has more colours than an editor can bear', () => {
    const { spans } = parseAnsi('\x1b[31mx\x1b[0m\n'.repeat(30_000));
    assert.equal(spans.length, 10_000);
    assert.equal(spans.at(-1)?.line, 29_999);
  });

  it('never leaves an escape in the text, nor a colour outside of it', () => {
    const parts = fc.constantFrom(
      'a',
      'bc',
      '\n',
      '\r',
      '\r\n',
      '\x1b[31m',
      '\x1b[0m',
      '\x1b[1;4',
      '\x1b',
      '\x1b]8;;x',
      '\x07',
      '\x1b[38;5;',
      'm',
      '7',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), (output) => {
        const { text, spans } = parseAnsi(output.join(''));
        assert.doesNotMatch(text, /\x1b|\r/);
        const lines = text.split('\n');
        for (const { line, start, end } of spans) assert.ok(start < end && end <= (lines[line]?.length ?? -1), JSON.stringify(output));
      }),
    );
  });
});

describe('places in files', () => {
  const found = (text: string) =>
    findMentions(text).map(({ file, line, column }) => [file, line, column].filter((part) => part !== undefined).join('|'));

  it('are found as tools write them', () => {
    assert.deepEqual(found('src/a.ts:3:5 - error TS2322'), ['src/a.ts|3|5']);
    assert.deepEqual(found('src/a.ts(3,5): error TS2322'), ['src/a.ts|3|5']);
    assert.deepEqual(found('    at run (file:///work/src/a.ts:10:2)'), ['file:///work/src/a.ts|10|2']);
    assert.deepEqual(found('  at /work/src/a.ts:10'), ['/work/src/a.ts|10']);
    assert.deepEqual(found('  File "pkg/a b.py", line 7, in f'), ['pkg/a b.py|7']);
    assert.deepEqual(found(String.raw`C:\work\a.ts:1:2`), [String.raw`C:\work\a.ts|1|2`]);
  });

  it('are not found where there are none', () => {
    assert.deepEqual(found('http://127.0.0.1:4173/a took 3.5s at 12:30:45; https://host.test:80'), []);
  });

  it('are those at the end, where there are very many', () => {
    const mentions = findMentions('a.ts:1 '.repeat(5000));
    assert.equal(mentions.length, 2000);
    assert.equal(mentions.at(-1)?.start, 7 * 4999);
  });

  it('span the text that names them', () => {
    const text = 'see src/a.ts:3:5 there';
    const [mention] = findMentions(text);
    assert.equal(text.slice(mention?.start, mention?.end), 'src/a.ts:3:5');
  });

  it('lie inside the workspace, or are none', () => {
    assert.equal(resolveMention('src/a.ts', '/work/app', '/work'), '/work/app/src/a.ts');
    assert.equal(resolveMention('../lib/a.ts', '/work/app', '/work'), '/work/lib/a.ts');
    assert.equal(resolveMention('../../etc/a.ts', '/work/app', '/work'), undefined);
    assert.equal(resolveMention('/etc/hosts.conf', '/work/app', '/work'), undefined);
    assert.equal(resolveMention('file:///etc/a.ts', '/work/app', '/work'), undefined);
    assert.equal(resolveMention('file://%zz/a.ts', '/work/app', '/work'), undefined);
  });
});

describe('addresses of output', () => {
  it('come back as they were, and nothing else does', () => {
    const address = { kind: 'run', runId: 'r', step: 'a/b?c' } as const;
    assert.deepEqual(decodeAddress(encodeAddress(address, 'ci', 'a/b?c').query), address);
    for (const query of ['', '{', 'null', '{"kind":"live"}', '{"kind":"run","runId":1,"step":"s"}', '{"kind":"file","path":"/etc"}']) {
      assert.equal(decodeAddress(query), undefined);
    }
  });
});

describe('the text of an error', () => {
  it('has message, stack, causes, hint and code', () => {
    const cause = { code: 'E_STEP_FAILED', name: 'Error', message: 'no network' } as const;
    const text = errorText(
      { code: 'E_STEP_FAILED', name: 'Error', message: 'Broken.', stack: 'Error: Broken.\n    at a.ts:1:1', hint: 'Mend it.', cause },
      undefined,
      english,
    );
    assert.equal(text, 'Error: Broken.\n    at a.ts:1:1\nCaused by: no network\n(E_STEP_FAILED)\nHint: Mend it.\n(E_STEP_FAILED)');
  });

  it('leaves out what called the project, and all of what is Treadle itself', () => {
    const stack = [
      'Error: Broken.',
      '    at check (/project/src/a.ts:1:1)',
      '    at /project/treadle.config.ts:3:5',
      '    at runStep (file:///project/node_modules/treadle/dist/worker.js:9:696)',
    ];
    const error = { code: 'E_STEP_FAILED', name: 'Error', message: 'Broken.', stack: stack.join('\n') } as const;
    assert.equal(errorText(error, '/project', english), [...stack.slice(0, 3), '(E_STEP_FAILED)'].join('\n'));
    assert.equal(testErrorText(error, '/project'), stack.slice(0, 3).join('\n'));
    assert.equal(
      errorText({ ...error, name: 'TreadleError', stack: `TreadleError: Broken.\n${stack[3]}` }, '/project', english),
      'Broken.\n(E_STEP_FAILED)',
    );
  });
});
