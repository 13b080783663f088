import { JUnitReader } from './junit.ts';
import { NdjsonReader } from './ndjson.ts';
import type { ReportListener, ReportReader } from './report-reader.ts';
import { TapReader } from './tap.ts';

export type ReportFormat = 'tap' | 'junit' | 'ndjson';

const readers: { readonly [Format in ReportFormat]: new (listener: ReportListener) => ReportReader } = {
  tap: TapReader,
  junit: JUnitReader,
  ndjson: NdjsonReader,
};

/** A reader of a known format. */
export function createReader(format: ReportFormat, listener: ReportListener): ReportReader {
  return new readers[format](listener);
}

/** Takes the format from the first line that looks like one; until then all is output. */
export class AutoReader implements ReportReader {
  private readonly listener: ReportListener;
  private reader: ReportReader | undefined;

  constructor(listener: ReportListener) {
    this.listener = listener;
  }

  line(text: string): void {
    const format = this.reader === undefined ? formatOf(text) : undefined;
    if (format !== undefined) this.reader = createReader(format, this.listener);
    if (this.reader === undefined) this.listener.output(text);
    else this.reader.line(text);
  }

  end(): void {
    this.reader?.end();
  }
}

function formatOf(line: string): ReportFormat | undefined {
  if (/^TAP version \d+$|^(?:not )?ok \d+\b|^1\.\.\d+$/.test(line)) return 'tap';
  if (/^\s*<(?:\?xml|testsuites?[\s>/])/.test(line)) return 'junit';
  if (line.includes('{"treadle":') || /^\["(?:start|pass|fail)",\{/.test(line)) return 'ndjson';
  return /^\{.*"status":/.test(line) && /"name":/.test(line) ? 'ndjson' : undefined;
}
