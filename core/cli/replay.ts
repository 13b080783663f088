import type { RunEvent } from '../contract/events.ts';
import type { ReporterChoice } from './choose-reporters.ts';
import type { Console } from './console.ts';
import { openReporting } from './reporting.ts';

/** Tells reporters of a run that is over. */
export async function replay(
  events: Iterable<RunEvent>,
  { reporters, console, root }: { readonly reporters: readonly ReporterChoice[]; readonly console: Console; readonly root: string },
): Promise<void> {
  const reporting = await openReporting(reporters, console, root);
  try {
    for (const event of events) reporting.report(event);
  } finally {
    await reporting.close();
  }
}
