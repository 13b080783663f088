import { describe, it } from 'mocha';

describe('nothing', () => {
  it.skip('runs', () => {});
});
