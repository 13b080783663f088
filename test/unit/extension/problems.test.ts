import assert from 'node:assert/strict';
import type { SerializedError } from '../../../core/contract/errors.ts';
import type { ProjectProblem, ProjectRecord } from '../../../extension/src/store/records.ts';
import { problemRow, problemWord } from '../../../extension/src/tree/problems.ts';
import { english } from './english.ts';

const project: ProjectRecord = {
  key: '/shop/treadle.config.ts',
  label: 'shop',
  configFile: '/shop/treadle.config.ts',
  root: '/shop',
  state: 'broken',
  pipelines: [],
  plugins: [],
  warnings: [],
};
const location = { file: 'treadle.config.ts', line: 1, column: 19 };

function broken(message: string): ProjectProblem {
  const error: SerializedError = { code: 'E_CONFIG_LOAD', name: 'TreadleError', message, location };
  return { kind: 'config', errors: [error] };
}

describe('the row of a mistake in a pipeline file', () => {
  const row = (message: string): readonly (string | undefined)[] => {
    const { label, description } = problemRow(project, broken(message), 0, english);
    return [label, description];
  };

  it('names its place once', () => {
    assert.deepEqual(row('treadle.config.ts:1:19: Unexpected ";"'), ['Unexpected ";"', 'treadle.config.ts:1']);
    assert.deepEqual(row('There is no step "a".'), ['There is no step "a".', 'treadle.config.ts:1']);
    assert.deepEqual(row('treadle.config.ts:1:19'), ['treadle.config.ts:1:19', 'treadle.config.ts:1']);
    assert.deepEqual(row('treadle.config.ts:12:3: No'), ['treadle.config.ts:12:3: No', 'treadle.config.ts:1']);
  });

  it('is told in a word to those who listen to the row of the project', () => {
    assert.equal(problemWord(broken('no'), english), 'The pipeline file could not be loaded');
  });
});
