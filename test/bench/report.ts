import { cpus, loadavg, totalmem } from 'node:os';
import type { Stat, Table, Target } from './measure.ts';

/** The machine, as far as it matters to whoever reads the figures. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${memory} GB, load average ${Math.round(loadavg()[1] ?? 0)}`;
}

/** A table in Markdown: medians, the middle half of each, and how each compares with Treadle. */
export function markdownTable(table: Table): string {
  const { columns, rows, base, unit } = table;
  const baseRow = rows.find(({ name }) => name === base);
  const single = columns.length === 1;
  const head = single
    ? ['', `median, ${unit}`, 'middle half', 'against Treadle']
    : ['', ...columns.map((column) => (unit === '' ? column : `${column}, ${unit}`))];
  const body = rows.map(({ name, cells }) => {
    const shown = name === base ? `**${name}**` : name;
    if (single) {
      const [cell] = cells;
      return cell === undefined ? [shown, '–', '', ''] : [shown, number(cell.median), spread(cell), ratio(cell, baseRow?.cells[0])];
    }
    return [
      shown,
      ...cells.map((cell, index) =>
        cell === undefined
          ? '–'
          : `${number(cell.median)}${name === base || baseRow === undefined ? '' : ` (${ratio(cell, baseRow.cells[index])})`}`,
      ),
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const remarks = (table.remarks ?? []).map((remark) => `\n${remark}\n`);
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...body.map(line), ...remarks].join('\n');
}

/** Targets in Markdown: what was measured, and whether it is met. */
export function markdownTargets(targets: readonly Target[]): string {
  const lines = targets.map(({ what, measured, target, met }) => `| ${what} | ${measured} | ${target} | ${met ? 'yes' : '**no**'} |`);
  return ['| what | measured | target | met |', '| --- | ---: | --- | --- |', ...lines].join('\n');
}

/** Puts text between the marks `<!-- bench:NAME -->` and `<!-- /bench -->` of a document. */
export function fillIn(document: string, parts: ReadonlyMap<string, string>): string {
  return document.replaceAll(/(<!-- bench:([\w-]+) -->)[\s\S]*?(<!-- \/bench -->)/g, (whole, open: string, name: string, close: string) => {
    const text = parts.get(name);
    return text === undefined ? whole : `${open}\n\n${text}\n\n${close}`;
  });
}

/** Bars, one a contender, as a picture that needs no program to be read. */
export function chart(table: Table, title: string): string {
  const bars = table.rows
    .flatMap(({ name, cells: [cell] }) => (cell === undefined ? [] : [{ name, value: cell.median }]))
    .toSorted((a, b) => a.value - b.value);
  const longest = Math.max(...bars.map(({ value }) => value));
  const height = 44 + bars.length * 24;
  const rows = bars.map(({ name, value }, index) => {
    const y = 44 + index * 24;
    const width = Math.max(2, (value / longest) * 430);
    const own = name.startsWith('treadle');
    return `<text x="178" y="${y + 13}" text-anchor="end"${own ? ' font-weight="bold"' : ''}>${escape(name)}</text><rect x="186" y="${y}" width="${width.toFixed(1)}" height="17" rx="3" fill="${own ? '#2f6feb' : '#8b949e'}"/><text x="${(192 + width).toFixed(1)}" y="${y + 13}">${number(value)} ${table.unit}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="720" height="${height}" rx="8" fill="#ffffff"/>
<g fill="#1f2328">
<text x="16" y="24" font-size="14" font-weight="bold">${escape(title)}</text>
${rows.join('\n')}
</g>
</svg>
`;
}

function ratio(cell: Stat, base: Stat | undefined): string {
  return base === undefined || cell === base ? '' : `${number(cell.median / base.median)}×`;
}

function spread({ low, high, rounds }: Stat): string {
  return rounds < 2 ? 'one run' : `${number(low)}–${number(high)}`;
}

export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
