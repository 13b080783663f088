import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { colorFlag, columnsOf, isCi, wantsColor } from '../../core/cli/terminal.ts';

describe('terminal settings', () => {
  it('tells CI by CI, unless it is empty, 0 or false', () => {
    for (const value of ['1', 'true', 'yes', 'woodpecker']) assert.equal(isCi({ CI: value }), true, value);
    for (const value of ['', '0', 'false', 'False', undefined]) assert.equal(isCi({ CI: value }), false, value);
    assert.equal(isCi({}), false);
  });

  const terminal = { isTTY: true, columns: 100 };
  const pipe = {};
  it('decides on colour by flag, NO_COLOR, FORCE_COLOR, terminal, in this order', () => {
    assert.equal(wantsColor(terminal, {}, undefined), true);
    assert.equal(wantsColor(pipe, {}, undefined), false);
    assert.equal(wantsColor(terminal, { TERM: 'dumb' }, undefined), false);
    assert.equal(wantsColor(pipe, { FORCE_COLOR: '1' }, undefined), true);
    assert.equal(wantsColor(terminal, { FORCE_COLOR: '0' }, undefined), false);
    assert.equal(wantsColor(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, undefined), false);
    assert.equal(wantsColor(pipe, { NO_COLOR: '1' }, true), true);
    assert.equal(wantsColor(terminal, { FORCE_COLOR: '1' }, false), false);
  });

  it('ignores NO_COLOR and FORCE_COLOR when they are empty', () => {
    assert.equal(wantsColor(terminal, { NO_COLOR: '' }, undefined), true);
    assert.equal(wantsColor(pipe, { FORCE_COLOR: '' }, undefined), false);
    assert.equal(wantsColor(pipe, { NO_COLOR: '', FORCE_COLOR: '1' }, undefined), true);
  });

  it('reads the colour flags wherever they stand, but not behind --', () => {
    assert.equal(colorFlag(['run', '--no-color']), false);
    assert.equal(colorFlag(['--color', 'run']), true);
    assert.equal(colorFlag(['--color', '--no-color']), false);
    assert.equal(colorFlag(['run', '--', '--no-color']), undefined);
    assert.equal(colorFlag([]), undefined);
  });

  it('takes 80 columns where a stream has none', () => {
    assert.equal(columnsOf({}), 80);
    assert.equal(columnsOf({ columns: 0 }), 80);
    assert.equal(columnsOf({ columns: 132 }), 132);
  });
});
