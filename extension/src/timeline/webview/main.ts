import type { RunSpan } from '../../store/records.ts';
import { formatDuration } from '../../tree/durations.ts';
import { layOut, neighbour, tickLabel, ticks, visibleBars, type Bar, type Layout } from '../layout.ts';
import type { FromPage, Texts, ToPage } from '../messages.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const editor = acquireVsCodeApi();
const rowHeight = 22;
const labelWidth = 112;
const mostZoom = 400;

/** A letter as well as a colour: not everybody tells colours apart. */
const letters: Readonly<Record<RunSpan['state'], string>> = {
  running: '…',
  retried: '↻',
  passed: '✓',
  failed: '✕',
  // The sign of a watch is not in every font.
  'timed-out': '!',
  cancelled: '⊘',
  interrupted: '⊘',
  skipped: '↷',
};

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no ${id}.`);
  return found;
};
const [scroll, canvas, axis, lanes, barList, detail] = ['scroll', 'canvas', 'axis', 'lanes', 'bars', 'detail'].map(byId) as [
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
];

let run: Extract<ToPage, { type: 'run' }> | undefined;
let spans: RunSpan[] = [];
let names: string[] = [];
let layout: Layout = { lanes: [], bars: [], rows: 0 };
let zoom = 1;
/** Index of the bar that has the focus. */
let focused: number | undefined;
let isDue = false;

const now = (): number => (run?.durationMs === undefined ? Date.now() : run.startedAt + run.durationMs);
const length = (): number => Math.max(1, now() - (run?.startedAt ?? 0));
const width = (): number => Math.max(100, (scroll.clientWidth - labelWidth - 24) * zoom);
const msPerPixel = (): number => length() / width();

addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  if (data.type === 'none') {
    run = undefined;
    spans = [];
    byId('title').textContent = data.text;
    byId('state').textContent = '';
  } else {
    if (run?.runId !== data.runId) {
      spans = [];
      names = [];
      zoom = 1;
      focused = undefined;
    }
    run = data;
    for (const [index, span, name] of data.changed) {
      spans[index] = span;
      names[index] = name;
    }
    describeRun(data);
  }
  layout = layOut(spans, now());
  draw();
});

function describeRun({ pipeline, stateWord, state, durationMs, texts }: Extract<ToPage, { type: 'run' }>): void {
  byId('title').textContent = pipeline;
  byId('state').textContent = durationMs === undefined ? stateWord : `${stateWord}, ${formatDuration(durationMs)}`;
  byId('state').className = state;
  barList.setAttribute('aria-label', texts.follow);
  if (focused === undefined) detail.textContent = texts.help;
  for (const [id, text] of [
    ['out', texts.zoomOut],
    ['in', texts.zoomIn],
    ['fit', texts.fit],
  ] as const) {
    byId(id).title = text;
    byId(id).setAttribute('aria-label', text);
  }
  byId('fit').textContent = texts.fit;
}

/** Once per frame, whatever asks for it. */
function draw(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    drawNow();
  });
}

function drawNow(): void {
  document.body.classList.toggle('empty', run === undefined);
  if (run === undefined) return;
  const start = run.startedAt;
  canvas.style.width = `${labelWidth + width() + 24}px`;
  canvas.style.height = `${(layout.rows + 1) * rowHeight + 8}px`;
  const scale = msPerPixel();
  const from = (scroll.scrollLeft - labelWidth) * scale;
  const to = (scroll.scrollLeft + scroll.clientWidth) * scale;
  axis.replaceChildren(
    ...ticks(Math.max(0, from), Math.min(length(), to), scale).map((at) => {
      const tick = document.createElement('span');
      tick.style.left = `${labelWidth + at / scale}px`;
      tick.textContent = tickLabel(at);
      return tick;
    }),
  );
  drawLanes(run.texts);
  const firstRow = Math.floor(scroll.scrollTop / rowHeight) - 2;
  const view = {
    from: start + from,
    to: start + to,
    firstRow,
    lastRow: firstRow + Math.ceil(scroll.clientHeight / rowHeight) + 3,
    msPerPixel: scale,
  };
  const shown = visibleBars(layout.bars, view, now());
  const hadFocus = document.activeElement instanceof HTMLElement && barList.contains(document.activeElement);
  const known = new Map([...barList.children].map((child) => [child.id, child as HTMLElement]));
  const focusable = focused ?? shown[0]?.index;
  const elements = shown.map((bar) => {
    const element = known.get(`bar-${bar.index}`) ?? makeBar(bar.index);
    updateBar(element, bar, start, scale, bar.index === focusable);
    return element;
  });
  const wanted = new Set<Element>(elements);
  for (const child of known.values()) if (!wanted.has(child)) child.remove();
  for (const element of elements) if (element.parentElement === null) barList.append(element);
  if (hadFocus && focused !== undefined) document.getElementById(`bar-${focused}`)?.focus({ preventScroll: true });
}

function drawLanes(texts: Texts): void {
  lanes.replaceChildren(
    ...layout.lanes.map(({ kind, thread = 0, firstRow, rows }) => {
      const lane = document.createElement('div');
      lane.className = kind;
      lane.style.top = `${(firstRow + 1) * rowHeight}px`;
      lane.style.height = `${rows * rowHeight}px`;
      const label = document.createElement('span');
      label.textContent = kind === 'thread' ? texts.thread.replace('{0}', String(thread)) : texts[kind];
      lane.append(label);
      return lane;
    }),
  );
}

function makeBar(index: number): HTMLElement {
  const element = document.createElement('div');
  element.id = `bar-${index}`;
  element.setAttribute('role', 'listitem');
  element.addEventListener('focus', () => focusOn(index));
  element.addEventListener('click', () => element.focus());
  element.addEventListener('dblclick', () => open(index));
  return element;
}

function updateBar(element: HTMLElement, { index, span, row }: Bar, start: number, scale: number, isTabStop: boolean): void {
  const left = labelWidth + (span.startedAt - start) / scale;
  const size = Math.max(2, ((span.endedAt ?? now()) - span.startedAt) / scale);
  element.style.left = `${left}px`;
  element.style.top = `${(row + 1) * rowHeight + 2}px`;
  element.style.width = `${size}px`;
  element.className = `bar ${span.kind} ${span.state}`;
  element.tabIndex = isTabStop ? 0 : -1;
  const text = size < 14 ? '' : `${letters[span.state]} ${names[index] ?? span.nodeId}`;
  if (element.textContent !== text) element.textContent = text;
  const description = describe(index, span);
  element.title = description;
  element.setAttribute('aria-label', description);
}

function describe(index: number, span: RunSpan): string {
  if (run === undefined) return '';
  const { texts, startedAt } = run;
  const parts = [
    names[index] ?? span.nodeId,
    texts.states[span.state],
    formatDuration((span.endedAt ?? now()) - span.startedAt),
    `+${formatDuration(span.startedAt - startedAt)}`,
    ...(span.attempt > 1 ? [texts.attempt.replace('{0}', String(span.attempt))] : []),
    ...(span.thread === undefined ? [] : [texts.thread.replace('{0}', String(span.thread))]),
  ];
  return parts.join(' · ');
}

function focusOn(index: number): void {
  focused = index;
  const span = spans[index];
  if (span !== undefined) detail.textContent = describe(index, span);
}

function open(index: number): void {
  const span = spans[index];
  if (span !== undefined) editor.postMessage({ type: 'open', nodeId: span.nodeId });
}

/** @param at - what stays where it is, in pixels from the left of the view */
function setZoom(wanted: number, at = scroll.clientWidth / 2): void {
  const before = width();
  const moment = (scroll.scrollLeft + at - labelWidth) / before;
  zoom = Math.min(mostZoom, Math.max(1, wanted));
  canvas.style.width = `${labelWidth + width() + 24}px`;
  scroll.scrollLeft = moment * width() + labelWidth - at;
  draw();
}

function go(key: 'left' | 'right' | 'up' | 'down'): void {
  const from = layout.bars.find(({ index }) => index === focused) ?? layout.bars[0];
  const to = from === undefined || focused === undefined ? from : neighbour(layout.bars, from, key);
  if (to === undefined || run === undefined) return;
  focusOn(to.index);
  const left = labelWidth + (to.span.startedAt - run.startedAt) / msPerPixel();
  const top = (to.row + 1) * rowHeight;
  if (left < scroll.scrollLeft + labelWidth || left > scroll.scrollLeft + scroll.clientWidth - 60)
    scroll.scrollLeft = left - labelWidth - 40;
  if (top < scroll.scrollTop + rowHeight || top > scroll.scrollTop + scroll.clientHeight - 2 * rowHeight)
    scroll.scrollTop = top - 3 * rowHeight;
  drawNow();
  document.getElementById(`bar-${to.index}`)?.focus({ preventScroll: true });
}

const keys: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => go('left'),
  ArrowRight: () => go('right'),
  ArrowUp: () => go('up'),
  ArrowDown: () => go('down'),
  Enter: () => {
    if (focused !== undefined) open(focused);
  },
  '+': () => setZoom(zoom * 1.5),
  '=': () => setZoom(zoom * 1.5),
  '-': () => setZoom(zoom / 1.5),
  '0': () => setZoom(1),
};

addEventListener('keydown', (event) => {
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
  if (act === undefined || (event.target instanceof HTMLButtonElement && event.key === 'Enter')) return;
  event.preventDefault();
  act();
});
scroll.addEventListener('scroll', draw, { passive: true });
scroll.addEventListener(
  'wheel',
  (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    setZoom(zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2), event.clientX);
  },
  { passive: false },
);
byId('in').addEventListener('click', () => setZoom(zoom * 1.5));
byId('out').addEventListener('click', () => setZoom(zoom / 1.5));
byId('fit').addEventListener('click', () => setZoom(1));
new ResizeObserver(draw).observe(scroll);
setInterval(() => {
  if (run !== undefined && run.durationMs === undefined) draw();
}, 250);
editor.postMessage({ type: 'ready' });
