import { TreadleError, type ExitCode } from '../contract/errors.ts';
import type { Console } from './console.ts';
import type { RunFlags } from './flags.ts';

/** Does what `treadle run` is asked for, which with `--watch` is what `treadle watch` does. */
export async function runOrWatch(pipeline: string | undefined, flags: RunFlags, console: Console): Promise<ExitCode> {
  if (flags.watch !== true || flags.dryRun === true) {
    const { runPipeline } = await import('./commands/run.ts');
    return runPipeline(pipeline, flags, console);
  }
  if (
    flags.failed === true ||
    flags.affected === true ||
    flags.since !== undefined ||
    flags.recursive === true ||
    flags.shard !== undefined
  ) {
    throw new TreadleError('E_USAGE', '--watch cannot be combined with --failed, --affected, --since, --shard or -r.', {
      hint: 'Watch mode runs what a change affects; its key f runs what failed.',
    });
  }
  const { watchPipeline } = await import('./commands/watch.ts');
  return watchPipeline(pipeline, flags, console);
}
