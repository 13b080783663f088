import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { textsFile, textsOfSources } from '../../../scripts/write-texts.ts';

describe("the extension's texts", () => {
  it('are in the file that translators copy: npm run texts writes it', () => {
    const bundle: unknown = JSON.parse(readFileSync(textsFile, 'utf8'));
    assert.deepEqual(bundle, textsOfSources());
    assert.ok(Object.keys(textsOfSources()).length > 100);
  });

  it('name what they are filled with by numbers from 0 on', () => {
    for (const text of Object.keys(textsOfSources())) {
      const numbers = Array.from(text.matchAll(/\{([^}]*)\}/g), ([, number]) => Number(number));
      const distinct = [...new Set(numbers)].toSorted((a, b) => a - b);
      assert.deepEqual(distinct, [...distinct.keys()], text);
    }
  });
});
