import type { Paint } from '../../reporters/style.ts';
import { fit, textWidth } from '../../reporters/text-width.ts';

/** A column of a {@link renderTable}. */
export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Gets shorter where the terminal is narrow. */
  readonly shrinks?: boolean;
}

/** A row: its cells, which may have colours, and lines that go below it. */
export interface Row {
  readonly cells: readonly string[];
  readonly below?: readonly string[];
}

const gap = '  ';
const narrowest = 8;

/** Rows below titles, each line no wider than the terminal. */
export function renderTable(columns: readonly Column[], rows: readonly Row[], { paint, width }: { paint: Paint; width: number }): string {
  const natural = columns.map(({ title }, index) => Math.max(textWidth(title), ...rows.map(({ cells }) => textWidth(cells[index] ?? ''))));
  let excess = natural.reduce((sum, each) => sum + each, 0) + gap.length * (columns.length - 1) - width;
  const widths = natural.map((each, index) => {
    if (columns[index]?.shrinks !== true || excess <= 0) return each;
    const less = Math.min(excess, Math.max(0, each - narrowest));
    excess -= less;
    return each - less;
  });
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ align }, index) => {
      const cell = fit(cells[index] ?? '', widths[index] ?? 0);
      const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(cell)));
      return align === 'right' ? space + cell : cell + space;
    });
    return fit(padded.join(gap).trimEnd(), width);
  };
  const head = paint('dim', line(columns.map(({ title }) => title)));
  const body = rows.flatMap(({ cells, below = [] }) => [line(cells), ...below.map((text) => fit(text, width))]);
  return `${[head, ...body].join('\n')}\n`;
}
