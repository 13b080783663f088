// Draws docs/images/run.svg: the live tree of a real run of the storefront, as a moving picture.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../core/engine.ts';
import { createReporter } from '../core/reporters/tree.ts';

const root = join(import.meta.dirname, '..');
const columns = 84;
const rowHeight = 18;
const columnWidth = 8.4;
const margin = 16;
/** How long the last frame stays before the picture begins anew. */
const pauseMs = 4000;

const colours = new Map([
  ['31', '#f47067'],
  ['32', '#57ab5a'],
  ['33', '#c69026'],
  ['36', '#39c5cf'],
]);

interface Frame {
  readonly atMs: number;
  readonly lines: readonly string[];
}

async function record(): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  const started = performance.now();
  const write = (text: string): void => {
    const lines = text.replaceAll(/\u001B\[(?:\?\d+[hl]|\d*[AJKH])|\r/g, '').split('\n');
    if (lines.some((line) => line !== '')) frames.push({ atMs: performance.now() - started, lines });
  };
  const output = { write, isTerminal: true, color: true, columns: () => columns, rows: () => 50 };
  const cwd = join(root, 'fixtures/storefront');
  const reporter = createReporter(output, { cwd });
  const engine = await createEngine({ cwd });
  const { status } = await engine.start({ onEvent: (event) => reporter.onEvent(event) }).result;
  await reporter.close?.();
  await engine.close();
  if (status !== 'passed') throw new Error(`The storefront's pipeline ${status}.`);
  return frames;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** One line: a `tspan` for each stretch of one style, set at its column so that fonts do not matter. */
function drawLine(line: string, row: number): string {
  let style = { colour: '', bold: false, dim: false };
  let column = 0;
  const spans: string[] = [];
  for (const [, codes, text = ''] of line.matchAll(/\u001B\[([\d;]*)m|([^\u001B]+)/g)) {
    for (const code of codes?.split(';') ?? []) {
      if (code === '1') style = { ...style, bold: true };
      else if (code === '2') style = { ...style, dim: true };
      else if (code === '22') style = { ...style, bold: false, dim: false };
      else if (code === '39') style = { ...style, colour: '' };
      else if (code === '0' || code === '') style = { colour: '', bold: false, dim: false };
      else style = { ...style, colour: colours.get(code) ?? style.colour };
    }
    const word = text.trim();
    if (word !== '') {
      const fill = style.colour === '' ? (style.dim ? '#768390' : '#d3dae0') : style.colour;
      const weight = style.bold ? ' font-weight="bold"' : '';
      const x = (margin + (column + text.indexOf(word)) * columnWidth).toFixed(1);
      const length = (word.length * columnWidth).toFixed(1);
      spans.push(`<tspan x="${x}" fill="${fill}"${weight} textLength="${length}">${escapeText(word)}</tspan>`);
    }
    column += text.length;
  }
  return spans.length === 0 ? '' : `<text y="${margin + 14 + row * rowHeight}">${spans.join('')}</text>`;
}

function draw(frames: readonly Frame[]): string {
  const totalMs = (frames.at(-1)?.atMs ?? 0) + pauseMs;
  const rows = Math.max(...frames.map(({ lines }) => lines.length));
  const width = Math.round(columns * columnWidth + 2 * margin);
  const height = rows * rowHeight + 2 * margin;
  const percent = (ms: number): string => `${((ms / totalMs) * 100).toFixed(2)}%`;
  const rules = frames.map(({ atMs }, index) => {
    const until = frames[index + 1]?.atMs ?? totalMs;
    const before = index === 0 ? '' : `0%{visibility:hidden}`;
    const after = index === frames.length - 1 ? '' : `${percent(until)}{visibility:hidden}`;
    return `@keyframes f${index}{${before}${percent(index === 0 ? 0 : atMs)}{visibility:visible}${after}}#f${index}{animation:f${index} ${Math.round(totalMs)}ms step-end infinite}`;
  });
  const groups = frames.map(({ lines }, index) => {
    // Without animation, the last frame is what is seen.
    const shown = index === frames.length - 1 ? '' : ' visibility="hidden"';
    return `<g id="f${index}"${shown}>${lines.map(drawLine).join('')}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>A run of the storefront's pipeline: a tree of steps that fills in as they end</title>
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}${rules.join('')}@media (prefers-reduced-motion){g{animation:none!important}}</style>
<rect width="100%" height="100%" rx="8" fill="#22272e"/>
${groups.join('\n')}
</svg>
`;
}

/** Few enough frames to load fast, and enough to see it move. */
function thinOut(frames: readonly Frame[]): readonly Frame[] {
  const kept: Frame[] = [];
  for (const [index, frame] of frames.entries()) {
    const isLast = index === frames.length - 1;
    if (isLast || frame.atMs - (kept.at(-1)?.atMs ?? -Infinity) >= 280) kept.push(frame);
  }
  return kept;
}

const kept = thinOut(await record());
mkdirSync(join(root, 'docs/images'), { recursive: true });
writeFileSync(join(root, 'docs/images/run.svg'), draw(kept));
