import assert from 'node:assert/strict';
import { commonAncestor, createRefreshScheduler } from '../../../extension/src/tree/refresh.ts';
import type { Clock } from '../../../extension/src/tree/refresh.ts';
import { createStaleness } from '../../../extension/src/tree/staleness.ts';
import type { Appearance } from '../../../extension/src/tree/staleness.ts';

/** Time that passes when it is told to. */
class HandClock implements Clock {
  private time = 0;
  private timers: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.time = Math.max(this.time, next.at);
      this.timers = this.timers.filter((timer) => timer !== next);
      next.callback();
    }
    this.time = end;
  }
}

/** A scheduler whose refreshes are written down with their time. */
function recorded(takeRows?: () => number) {
  const clock = new HandClock();
  const fires: { readonly at: number; readonly keys: readonly string[] | undefined }[] = [];
  const scheduler = createRefreshScheduler<string>(
    clock,
    (keys) => fires.push({ at: clock.now(), keys: keys === undefined ? undefined : [...keys] }),
    takeRows,
  );
  return { clock, fires, scheduler };
}

describe('refreshing a tree', () => {
  it('begins at once and then keeps 250 ms between refreshes, whatever comes', () => {
    const { clock, fires, scheduler } = recorded();
    for (let ms = 0; ms < 3000; ms += 1) {
      scheduler.mark([`node ${ms % 7}`]);
      clock.pass(1);
    }
    assert.equal(fires[0]?.at, 0);
    assert.ok(fires.length >= 12 && fires.length <= 13, `${fires.length} refreshes in three seconds`);
    const gaps = fires.slice(1).map(({ at }, index) => at - (fires[index]?.at ?? 0));
    assert.ok(
      gaps.every((gap) => gap >= 250),
      gaps.join(' '),
    );
  });

  it('says each key once, and loses none', () => {
    const { clock, fires, scheduler } = recorded();
    scheduler.mark(['a']);
    clock.pass(10);
    scheduler.mark(['b', 'c']);
    scheduler.mark(['b']);
    clock.pass(1000);
    assert.deepEqual(
      fires.map(({ keys }) => keys),
      [['a'], ['b', 'c']],
    );
  });

  it('is silent while the view is hidden, and makes up for it when it is shown', () => {
    const { clock, fires, scheduler } = recorded();
    scheduler.setVisible(false);
    scheduler.mark(['a']);
    clock.pass(10_000);
    assert.deepEqual(fires, []);
    scheduler.setVisible(true);
    clock.pass(0);
    assert.deepEqual(fires, [{ at: 10_000, keys: ['a'] }]);
  });

  it('refreshes everything instead of single keys when both are due', () => {
    const { clock, fires, scheduler } = recorded();
    scheduler.mark(['before']);
    clock.pass(1);
    scheduler.mark(['a']);
    scheduler.markAll();
    scheduler.mark(['b']);
    clock.pass(1000);
    assert.deepEqual(
      fires.map(({ keys }) => keys),
      [['before'], undefined],
    );
  });

  it('waits longer after a refresh that made the editor ask for many rows', () => {
    let rows = 0;
    const { clock, fires, scheduler } = recorded(() => {
      const asked = rows;
      rows = 0;
      return asked;
    });
    scheduler.mark(['a']);
    clock.pass(0);
    rows = 10_000;
    scheduler.mark(['b']);
    clock.pass(1999);
    assert.equal(fires.length, 1);
    clock.pass(1);
    assert.equal(fires[1]?.at, 2000);
    scheduler.mark(['c']);
    clock.pass(250);
    assert.equal(fires[2]?.at, 2250);
  });

  it('ends with its view', () => {
    const { clock, fires, scheduler } = recorded();
    scheduler.mark(['a']);
    scheduler.dispose();
    scheduler.mark(['b']);
    clock.pass(1000);
    assert.deepEqual(fires, []);
  });
});

describe('rows that are to be drawn anew', () => {
  function rows() {
    const facts = new Map<string, Appearance>();
    let time = 0;
    const staleness = createStaleness(() => time);
    return {
      staleness,
      pass: (ms: number) => (time += ms),
      set: (key: string, shape: string, text: string) => facts.set(key, { isBranch: key.startsWith('branch'), shape, text }),
      /** Asks, and draws what is answered. */
      draw(...keys: readonly string[]): readonly string[] {
        const selected = staleness.select(keys, (key) => facts.get(key) ?? { isBranch: false, shape: '', text: '' });
        for (const key of selected) staleness.shown(key, facts.get(key) ?? { isBranch: false, shape: '', text: '' });
        return selected;
      },
      show: (key: string) => staleness.shown(key, facts.get(key) ?? { isBranch: false, shape: '', text: '' }),
    };
  }

  it('are those that would show something else', () => {
    const { draw, set, show, pass } = rows();
    set('step', 'running', '1%');
    assert.deepEqual(draw('step'), [], 'the editor has not asked for it');
    show('step');
    assert.deepEqual(draw('step'), []);
    set('step', 'running', '2%');
    pass(1000);
    assert.deepEqual(draw('step'), ['step']);
  });

  it('wait with their text, and not with their state, while somebody reads what one of them says', () => {
    const { draw, set, show, pass, staleness } = rows();
    for (const key of ['step', 'other']) {
      set(key, 'running', '1%');
      show(key);
    }
    pass(1000);
    staleness.read();
    set('step', 'running', '2%');
    set('other', 'passed', '1s');
    pass(3999);
    assert.deepEqual(draw('step', 'other'), ['other']);
    pass(1);
    assert.deepEqual(draw(), ['step']);
  });

  it('are steps at once when their state changes, and once a second, all together, when only their text does', () => {
    const { draw, set, show, pass, staleness } = rows();
    for (const key of ['a', 'b']) {
      set(key, 'running', '0%');
      show(key);
      set(key, 'running', '1%');
    }
    assert.deepEqual(draw('a'), ['a']);
    assert.deepEqual(draw('b'), []);
    pass(999);
    set('a', 'running', '2%');
    assert.deepEqual(draw('a'), []);
    assert.deepEqual([...staleness.waiting], ['b', 'a']);
    pass(1);
    assert.deepEqual(draw('a'), ['a', 'b'], 'what waits comes along with what is asked about');
    set('a', 'passed', '1.0s');
    assert.deepEqual(draw('a'), ['a']);
  });

  it('are branches at once when their state changes, and every two seconds when only their percentage does', () => {
    const { draw, set, show, pass, staleness } = rows();
    set('branch', 'running', '0%');
    show('branch');
    set('branch', 'running', '1%');
    assert.deepEqual(draw('branch'), ['branch']);
    set('branch', 'running', '2%');
    pass(1999);
    assert.deepEqual(draw('branch'), []);
    pass(1);
    assert.deepEqual(draw(...staleness.waiting), ['branch']);
    assert.equal(staleness.waiting.size, 0);
    set('branch', 'failed', '1 failed');
    assert.deepEqual(draw('branch'), ['branch']);
  });
});

describe('the common ancestor', () => {
  const parents: { readonly [key: string]: string } = { a: 'g', b: 'g', g: 'root', c: 'root' };
  const of = (...keys: readonly string[]) => commonAncestor(keys, (key) => parents[key]);

  it('is the deepest that has all of them', () => {
    assert.equal(of('a', 'b'), 'g');
    assert.equal(of('a', 'c'), 'root');
    assert.equal(of('a', 'g'), 'g');
    assert.equal(of('g', 'a', 'b'), 'g');
    assert.equal(of('a'), 'a');
  });

  it('is missing where they have none', () => {
    assert.equal(of('a', 'elsewhere'), undefined);
    assert.equal(of(), undefined);
  });
});
