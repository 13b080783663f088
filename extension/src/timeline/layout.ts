import type { RunSpan } from '../store/records.ts';

// What the timeline draws, worked out from the spans of a run. Times are milliseconds since its start.

/** One bar. */
export interface Bar {
  /** Its span's place in the run. */
  readonly index: number;
  readonly span: RunSpan;
  /** Row that it is drawn in, from 0. */
  readonly row: number;
}

/** Rows that belong together. */
export interface Lane {
  readonly kind: 'groups' | 'steps' | 'thread';
  /** Of a thread. */
  readonly thread?: number;
  readonly firstRow: number;
  readonly rows: number;
}

export interface Layout {
  readonly lanes: readonly Lane[];
  /** By row, then by start: neighbours are next to each other. */
  readonly bars: readonly Bar[];
  readonly rows: number;
}

/**
 * Groups come first, then steps of the main process, then each thread. Within a lane a bar takes the first row that is free,
 * so that what runs at the same time is below each other. A step's thread is known when it ends.
 */
export function layOut(spans: readonly RunSpan[], now: number): Layout {
  const lanesOf = Map.groupBy(spans.keys(), (index) => laneKey(spans[index]));
  const keys = [...lanesOf.keys()].toSorted((a, b) => a - b);
  const lanes: Lane[] = [];
  const bars: Bar[] = [];
  let firstRow = 0;
  for (const key of keys) {
    const ends: number[] = [];
    const members = (lanesOf.get(key) ?? []).toSorted((a, b) => (spans[a]?.startedAt ?? 0) - (spans[b]?.startedAt ?? 0));
    const own: Bar[] = [];
    for (const index of members) {
      const span = spans[index];
      if (span === undefined) continue;
      let row = ends.findIndex((end) => end <= span.startedAt);
      if (row === -1) row = ends.length;
      ends[row] = span.endedAt ?? now;
      own.push({ index, span, row: firstRow + row });
    }
    bars.push(...own.toSorted((a, b) => a.row - b.row || a.span.startedAt - b.span.startedAt));
    lanes.push({
      kind: key === groupsKey ? 'groups' : key === stepsKey ? 'steps' : 'thread',
      ...(key >= 0 ? { thread: key } : {}),
      firstRow,
      rows: ends.length,
    });
    firstRow += ends.length;
  }
  return { lanes, bars, rows: firstRow };
}

const groupsKey = -2;
const stepsKey = -1;

function laneKey(span: RunSpan | undefined): number {
  if (span === undefined || span.kind === 'group') return groupsKey;
  return span.thread ?? stepsKey;
}

/** Bars of some rows that lie in a time, and of those too small to be seen one for each pixel: what is worth an element. */
export function visibleBars(
  bars: readonly Bar[],
  view: { readonly from: number; readonly to: number; readonly firstRow: number; readonly lastRow: number; readonly msPerPixel: number },
  now: number,
): readonly Bar[] {
  const found: Bar[] = [];
  let lastPixel = -1;
  let lastRow = -1;
  for (const bar of bars) {
    const { row, span } = bar;
    if (row < view.firstRow || row > view.lastRow) continue;
    const end = span.endedAt ?? now;
    if (end < view.from || span.startedAt > view.to) continue;
    const pixel = Math.floor(end / view.msPerPixel);
    const isTiny = end - span.startedAt < view.msPerPixel;
    if (isTiny && row === lastRow && pixel === lastPixel) continue;
    lastPixel = pixel;
    lastRow = row;
    found.push(bar);
  }
  return found;
}

/** Where an arrow key leads from a bar: along its row, or to the bar of a neighbouring row that lies nearest in time. */
export function neighbour(bars: readonly Bar[], from: Bar, key: 'left' | 'right' | 'up' | 'down'): Bar | undefined {
  const inRow = (row: number): readonly Bar[] => bars.filter((bar) => bar.row === row);
  if (key === 'left' || key === 'right') {
    const row = inRow(from.row);
    return row[row.findIndex(({ index }) => index === from.index) + (key === 'left' ? -1 : 1)];
  }
  const rows = inRow(from.row + (key === 'up' ? -1 : 1));
  const distance = ({ span }: Bar): number => Math.abs(span.startedAt - from.span.startedAt);
  return rows.reduce<Bar | undefined>((best, bar) => (best === undefined || distance(bar) < distance(best) ? bar : best), undefined);
}

/** Round moments for the axis, at least so many pixels apart. */
export function ticks(from: number, to: number, msPerPixel: number, leastPixels = 90): readonly number[] {
  const least = msPerPixel * leastPixels;
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 0.001)));
  const seconds = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? power * 10;
  // Beyond ten seconds people count in minutes.
  const step =
    least <= 10_000 ? seconds : ([15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000].find((each) => each >= least) ?? 3_600_000);
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}

/** A moment on the axis: `0`, `250ms`, `1.5s`, `2m`, `1m 30s`. */
export function tickLabel(ms: number): string {
  if (ms === 0) return '0';
  if (ms < 1000) return `${Number(ms.toFixed(3))}ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(3))}s`;
  const seconds = Math.round((ms % 60_000) / 1000);
  return `${Math.floor(ms / 60_000)}m${seconds === 0 ? '' : ` ${seconds}s`}`;
}
