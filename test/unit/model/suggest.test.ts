import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { suggest } from '../../../core/model/suggest.ts';

const settings = ['description', 'timeout', 'retries', 'backoff', 'critical', 'when', 'env', 'inputs', 'outputs', 'executor', 'weight'];

describe('suggest', () => {
  for (const [word, meant] of [
    ['timout', 'timeout'],
    ['Timeout', 'timeout'],
    ['retry', 'retries'],
    ['desc', 'description'],
    ['ouptuts', 'outputs'],
    ['executer', 'executor'],
  ] as const) {
    it(`takes "${word}" for "${meant}"`, () => assert.equal(suggest(word, settings), meant));
  }

  it('says nothing when nothing is near', () => {
    for (const word of ['', '  ', 'colour', 'x', 'if']) assert.equal(suggest(word, settings), undefined, word);
  });

  it('prefers the nearest of several', () => {
    assert.equal(suggest('test', ['tests', 'rest', 'test-e2e']), 'tests');
    assert.equal(suggest('buidl', ['guild', 'build']), 'build');
  });

  it('always finds a word that is spelt right, and never gives one that is not a candidate', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{2,12}$/), { minLength: 1 }), fc.nat(), fc.string(), (words, pick, other) => {
        const word = words[pick % words.length] ?? '';
        assert.equal(suggest(word, words), word);
        const found = suggest(other, words);
        assert.ok(found === undefined || words.includes(found));
      }),
    );
  });
});
