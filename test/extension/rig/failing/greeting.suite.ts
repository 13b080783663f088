import assert from 'node:assert/strict';
import { it } from 'mocha';

it('fails', () => assert.equal('hello', 'goodbye'));
