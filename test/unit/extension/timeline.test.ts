import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunSpan } from '../../../extension/src/store/records.ts';
import { layOut, neighbour, tickLabel, ticks, visibleBars } from '../../../extension/src/timeline/layout.ts';
import { timelinePage } from '../../../extension/src/timeline/page.ts';

const span = (nodeId: string, startedAt: number, endedAt: number | undefined, more: Partial<RunSpan> = {}): RunSpan => ({
  nodeId,
  kind: 'step',
  attempt: 1,
  startedAt,
  ...(endedAt === undefined ? {} : { endedAt }),
  state: endedAt === undefined ? 'running' : 'passed',
  ...more,
});

describe('the layout of a timeline', () => {
  it('has groups first, then the main process, then threads, each with as many rows as run at once', () => {
    const spans = [
      span('g', 0, 50, { kind: 'group' }),
      span('a', 0, 20),
      span('b', 10, 30),
      span('c', 20, undefined),
      span('t2', 0, 5, { thread: 2 }),
      span('t1', 0, 5, { thread: 1 }),
    ];
    const { lanes, bars, rows } = layOut(spans, 40);
    assert.deepEqual(
      lanes.map(({ kind, thread, firstRow, rows: own }) => [kind, thread, firstRow, own]),
      [
        ['groups', undefined, 0, 1],
        ['steps', undefined, 1, 2],
        ['thread', 1, 3, 1],
        ['thread', 2, 4, 1],
      ],
    );
    assert.equal(rows, 5);
    assert.deepEqual(
      bars.map(({ span: { nodeId }, row }) => [nodeId, row]),
      [
        ['g', 0],
        ['a', 1],
        ['c', 1],
        ['b', 2],
        ['t1', 3],
        ['t2', 4],
      ],
    );
  });

  it('never draws one bar over another, and leaves none out', () => {
    const spans = fc.array(
      fc
        .record({ start: fc.nat(1000), length: fc.nat(200), thread: fc.option(fc.nat(3), { nil: undefined }), group: fc.boolean() })
        .map(({ start, length, thread, group }) =>
          span('s', start, start + length, { ...(thread === undefined ? {} : { thread }), kind: group ? 'group' : 'step' }),
        ),
    );
    fc.assert(
      fc.property(spans, (all) => {
        const { bars, rows, lanes } = layOut(all, 2000);
        assert.deepEqual(
          bars.map(({ index }) => index).toSorted((a, b) => a - b),
          [...all.keys()],
        );
        assert.equal(
          lanes.reduce((sum, lane) => sum + lane.rows, 0),
          rows,
        );
        for (const [at, bar] of bars.entries()) {
          const next = bars[at + 1];
          if (next?.row === bar.row) assert.ok((bar.span.endedAt ?? 0) <= next.span.startedAt);
        }
      }),
    );
  });

  it('draws what can be seen: of ten thousand bars in a narrow view, a few hundred', () => {
    const spans = Array.from({ length: 10_000 }, (_, at) => span(`s${at}`, at, at + 1, { thread: at % 4 }));
    const { bars } = layOut(spans, 10_000);
    const all = visibleBars(bars, { from: 0, to: 10_000, firstRow: 0, lastRow: 10, msPerPixel: 20 }, 10_000);
    assert.ok(all.length <= 4 * 501 && all.length > 1000, String(all.length));
    const near = visibleBars(bars, { from: 100, to: 110, firstRow: 0, lastRow: 0, msPerPixel: 0.1 }, 10_000);
    assert.deepEqual(
      near.map(({ span: { nodeId } }) => nodeId),
      ['s100', 's104', 's108'],
    );
  });

  it('leads from bar to bar', () => {
    const { bars } = layOut([span('a', 0, 10), span('b', 10, 20), span('c', 2, 12), span('d', 13, 14)], 20);
    const named = (id: string) => bars.find(({ span: { nodeId } }) => nodeId === id) ?? assert.fail();
    const to = (id: string, key: 'left' | 'right' | 'up' | 'down'): string | undefined => neighbour(bars, named(id), key)?.span.nodeId;
    assert.deepEqual(
      [to('a', 'right'), to('b', 'left'), to('b', 'right'), to('b', 'down'), to('a', 'down'), to('c', 'up'), to('a', 'up')],
      ['b', 'a', undefined, 'd', 'c', 'a', undefined],
    );
  });
});

describe('the axis of a timeline', () => {
  it('has round moments that are far enough apart', () => {
    assert.deepEqual(ticks(0, 1000, 1), [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    assert.deepEqual(ticks(130, 700, 2), [200, 400, 600]);
    assert.deepEqual(ticks(0, 200_000, 600), [0, 60_000, 120_000, 180_000]);
    assert.deepEqual([0, 250, 1500, 60_000, 90_000].map(tickLabel), ['0', '250ms', '1.5s', '1m', '1m 30s']);
  });
});

describe('the page of a timeline', () => {
  it('loads its own script and style and nothing else', () => {
    const html = timelinePage({
      csp: 'https://own',
      nonce: 'abc"><script>',
      script: 'https://own/t.js',
      style: 'https://own/t.css',
      language: 'en',
    });
    assert.match(html, /default-src 'none'; style-src https:\/\/own; script-src 'nonce-abc&quot;&gt;&lt;script&gt;'/);
    assert.equal(html.match(/<script/g)?.length, 1);
    assert.doesNotMatch(html, / style="| on\w+="|unsafe/);
  });
});
