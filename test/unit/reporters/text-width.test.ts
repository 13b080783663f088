import assert from 'node:assert/strict';
import stringWidth from 'string-width';
import { dropColumns, fit, textWidth } from '../../../core/reporters/text-width.ts';

const texts = [
  'plain',
  'tree ✔ ○ ◐ ✖ ⧖ ⊘ ↷ ↻ ⚠ │ › · … × ⠋',
  '家族 한국어 カタカナ',
  '👨‍👩‍👧 🇩🇪 ⚠️ 👍🏽 1️⃣',
  'cafe\u0301 naïve',
  '\u001B[32mgreen\u001B[39m and \u001B[1mbold\u001B[22m',
];

describe('width of texts', () => {
  it('counts columns as terminals show them', () => {
    for (const text of texts) assert.equal(textWidth(text), stringWidth(text), text);
  });

  it('cuts a line to any number of columns, never more', () => {
    for (const text of texts) {
      for (let columns = 0; columns <= stringWidth(text) + 1; columns += 1) {
        const cut = fit(text, columns);
        assert.ok(stringWidth(cut) <= columns, `${JSON.stringify(cut)} is wider than ${columns}`);
        // A wide character is not cut in two: where it does not fit, a column stays free.
        if (columns < stringWidth(text)) assert.ok(columns === 0 || (cut.endsWith('…') && stringWidth(cut) >= columns - 1), cut);
        else assert.equal(cut, text);
      }
    }
  });

  it('ends the colours of a line that it cuts', () => {
    assert.equal(fit('\u001B[32mgreen\u001B[39m', 3), '\u001B[32mgr\u001B[0m…');
  });

  it('drops columns from the front', () => {
    assert.equal(dropColumns('abcdef', 2), 'cdef');
    assert.equal(dropColumns('家族 x', 2), '族 x');
    assert.equal(dropColumns('abc', 5), '');
    assert.equal(dropColumns('abc', 0), 'abc');
  });
});
