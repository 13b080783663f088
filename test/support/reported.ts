import type { RunEvent } from '../../core/contract/events.ts';
import type { ReporterFactory, ReporterOptions, ReporterOutput } from '../../core/reporters/reporter.ts';
import type { Screen } from './screen.ts';

/** What an output is that a test reads. */
export interface OutputTraits {
  readonly columns?: number;
  readonly rows?: number;
  readonly color?: boolean;
}

/** An output that keeps what is written. */
export function collectingOutput({ columns = 80, rows = 24, color = false }: OutputTraits = {}): ReporterOutput & { text(): string } {
  const written: string[] = [];
  return {
    write: (text) => {
      written.push(text);
    },
    isTerminal: false,
    color,
    columns: () => columns,
    rows: () => rows,
    text: () => written.join(''),
  };
}

/** An output that ends on a screen. */
export function screenOutput(screen: Screen, color = true): ReporterOutput {
  return {
    write: (text) => screen.write(text),
    isTerminal: true,
    color,
    columns: () => screen.columns,
    rows: () => screen.rows,
    onResize: (listener) => screen.onResize(listener),
  };
}

/** Everything that a reporter writes about these events. */
export async function report(
  createReporter: ReporterFactory,
  events: readonly RunEvent[],
  options: ReporterOptions & OutputTraits,
): Promise<string> {
  const output = collectingOutput(options);
  const { cwd, repository, env } = options;
  const reporter = createReporter(output, {
    cwd,
    ...(repository === undefined ? {} : { repository }),
    ...(env === undefined ? {} : { env }),
  });
  for (const event of events) reporter.onEvent(event);
  await reporter.close?.();
  return output.text();
}

/** A text in which colours and weights can be read: `{red}…{/}`. */
export function readableColours(text: string): string {
  const names: Readonly<Record<string, string>> = {
    1: 'bold',
    2: 'dim',
    4: 'underline',
    31: 'red',
    32: 'green',
    35: 'magenta',
    36: 'cyan',
  };
  const ends = new Set(['22', '24', '39']);
  return text.replaceAll(/\u001B\[(\d+)m/g, (whole, code: string) => (ends.has(code) ? '{/}' : `{${names[code] ?? whole}}`));
}
