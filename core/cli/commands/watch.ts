import { dirname } from 'node:path';
import { findConfig } from '../../config/find-config.ts';
import type { ExitCode } from '../../contract/errors.ts';
import { reportersFor } from '../choose-reporters.ts';
import type { Console } from '../console.ts';
import { leave } from '../exit-guard.ts';
import type { WatchFlags } from '../flags.ts';
import { Interruption } from '../interruption.ts';
import { locateProject } from '../project-location.ts';
import { warnOfReadOnly } from '../not-kept.ts';
import { parseMilliseconds, readWishes, toRequest, warnOfMisspelt } from '../run-request.ts';
import { openScreen } from '../watch/watch-screen.ts';
import { WatchSession } from '../watch/watch-session.ts';

/** `treadle watch`: runs a pipeline, and again what a change affects. */
export async function watchPipeline(pipeline: string | undefined, flags: WatchFlags, console: Console): Promise<ExitCode> {
  const location = locateProject(flags);
  const wishes = readWishes(flags);
  const quietMs = flags.debounce === undefined ? undefined : parseMilliseconds(flags.debounce, '--debounce');
  const configFile = findConfig(location.cwd, location.configFile);
  const reporters = reportersFor(flags.reporter, console, location.cwd);
  console.reserveStdout();
  const interruption = new Interruption(leave, console.ci);
  interruption.listen();
  let hasWarned = false;
  try {
    const session = new WatchSession({
      location,
      root: dirname(configFile),
      configFile,
      whenBusy: flags.whenBusy ?? 'restart',
      quietMs,
      surroundings: { reporters, traceFile: flags.trace, cwd: location.cwd, console, interruption, times: new Map() },
      screen: openScreen(console, reporters, process.stdin.isTTY),
      request: (engine) => {
        if (!hasWarned) warnOfMisspelt([engine.project], pipeline, wishes, console);
        warnOfReadOnly([engine.project], flags, console);
        hasWarned = true;
        return toRequest(engine.project, pipeline, flags, wishes);
      },
    });
    return await session.watch();
  } finally {
    interruption.release();
  }
}
