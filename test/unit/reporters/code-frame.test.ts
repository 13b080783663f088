import assert from 'node:assert/strict';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { codeFrame } from '../../../core/reporters/code-frame.ts';
import { renderError } from '../../../core/reporters/render-error.ts';
import { painter } from '../../../core/reporters/style.ts';
import { addFiles, makeProject, removeProjects } from '../../support/project.ts';

const paint = painter(false);

describe('the code frame', () => {
  let cwd: string;
  before(() => {
    cwd = makeProject({});
  });
  after(removeProjects);

  const frame = (source: string, line: number, column: number, columns = 80): string | undefined => {
    addFiles(cwd, { 'a.ts': source });
    return codeFrame({ file: 'a.ts', line, column }, cwd, paint, columns);
  };

  it('shows two lines before and after, and a caret', () => {
    assert.equal(
      frame('one\ntwo\nthree\nfour\nfive\nsix\n', 4, 2),
      ['  2 │ two', '  3 │ three', '> 4 │ four', '    │  ^', '  5 │ five', '  6 │ six'].join('\n'),
    );
  });

  it('knows neither lines after the last nor before the first', () => {
    assert.equal(frame('one\n', 1, 1), ['> 1 │ one', '    │ ^'].join('\n'));
    assert.equal(frame('', 1, 1), ['> 1 │', '    │ ^'].join('\n'));
    for (const line of [-1, 0, 2, 99]) assert.equal(frame('one\n', line, 1), undefined);
    assert.equal(codeFrame({ file: 'gone.ts', line: 1, column: 1 }, cwd, paint), undefined);
    assert.equal(codeFrame({ file: '.', line: 1, column: 1 }, cwd, paint), undefined);
  });

  it('puts the caret below the place, whatever stands before it', () => {
    for (const before of ['漢字 = ', '👩‍👩‍👧‍👦', '\t\tx', 'é', '\u001B[31m', '🇩🇪 '])
      for (const columns of [30, 80]) {
        const [hit = '', caret = ''] = frame(`${before}@`, 1, before.length + 1, columns)?.split('\n') ?? [];
        assert.equal(stringWidth(hit.slice(0, hit.indexOf('@'))), caret.indexOf('^'), JSON.stringify(before));
      }
  });

  it('puts the caret behind a line that is shorter than the place', () => {
    assert.equal(frame('one', 1, 500, 40), ['> 1 │ one', '    │    ^'].join('\n'));
    assert.equal(frame('one', 1, -3, 40), ['> 1 │ one', '    │ ^'].join('\n'));
  });

  it('finds the place in a file of one line', () => {
    const text = `${'x'.repeat(2_000_000)}@${'y'.repeat(2_000_000)}`;
    const [hit = '', caret = ''] = frame(text, 1, 2_000_001, 60)?.split('\n') ?? [];
    assert.match(hit, /^> 1 │ …x+@y+…$/);
    assert.equal(hit.indexOf('@'), caret.indexOf('^'));
  });

  it('fits, and lets nothing through that controls the terminal', () => {
    const parts = fc.constantFrom('a', 'const', ' ', '漢', '👍🏽', '\t', '\u001B[2J', '\u0007', '\u009B', 'é');
    const source = fc.array(
      fc.array(parts, { maxLength: 80 }).map((chosen) => chosen.join('')),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(
        source,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 40, max: 90 }),
        (lines, line, column, columns) => {
          const shown = frame(lines.join('\n'), line, column, columns) ?? '';
          assert.doesNotMatch(shown, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
          for (const row of shown.split('\n')) assert.ok(stringWidth(row) <= columns, row);
        },
      ),
    );
  });
});

describe('a rendered error', () => {
  it('names code, place, way out and what is behind it, without what controls the terminal', () => {
    const text = renderError(
      {
        code: 'E_CONFIG_INVALID',
        message: 'two problems\u001B[2J',
        hint: 'Do this\u0007.',
        errors: [
          {
            code: 'E_STEP_DUPLICATE',
            name: 'TreadleError',
            message: 'The id "a" is used twice.',
            location: { file: 'b\u0007c', line: 1, column: 2 },
          },
        ],
      },
      { color: false, columns: 80, cwd: '/nowhere' },
    );
    assert.equal(text, 'E_CONFIG_INVALID two problems\n\nhint Do this.\n\n  E_STEP_DUPLICATE The id "a" is used twice.\n\n    bc:1:2\n');
  });
});
