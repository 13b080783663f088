import type { ExitCode } from '../contract/errors.ts';
import { onSlowLoading } from '../plugins/loading.ts';
import { openConsole, type Console } from './console.ts';
import { decideExit, guardExit, leave } from './exit-guard.ts';
import { showFailure } from './failure.ts';
import { endLeftovers, isIdle } from './leftovers.ts';
import type { GlobalFlags } from './flags.ts';
import { readPlainRun } from './plain-run.ts';
import { runOrWatch } from './run-or-watch.ts';

async function showFailureOf(flags: GlobalFlags, error: unknown, console: Console): Promise<ExitCode> {
  const { likelyRoot } = await import('./project-location.ts');
  return showFailure(error, console, likelyRoot(flags));
}

async function dispatch(args: readonly string[], console: Console): Promise<ExitCode> {
  if (args[0] === '__complete') {
    const { complete } = await import('./completion/complete.ts');
    return complete(args.slice(args[1] === '--' ? 2 : 1), console);
  }
  onSlowLoading((files, seconds) => {
    const takes = files.length === 1 ? 'something that it awaits takes' : 'something that they await takes';
    console.err.say(`treadle: still loading ${files.join(' and ')} after ${seconds} s: ${takes} long, or never happens.\n`);
  });
  const plain = readPlainRun(args);
  if (plain === undefined) return dispatchOthers(args, console);
  try {
    return await runOrWatch(plain.pipeline, plain.flags, console);
  } catch (error) {
    return showFailureOf(plain.flags, error, console);
  }
}

async function dispatchOthers(args: readonly string[], console: Console): Promise<ExitCode> {
  const [{ createProgram }, { isShown, throwUsageErrors }] = await Promise.all([import('./program.ts'), import('./usage.ts')]);
  let exitCode: ExitCode = 0;
  const program = createProgram(console, (code) => {
    exitCode = code;
  });
  throwUsageErrors(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    return isShown(error) ? exitCode : showFailureOf(program.opts(), error, console);
  }
  return exitCode;
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const console = openConsole(args, process.env);
  const say = (text: string): void => console.err.say(text);
  guardExit(say);
  let exitCode: ExitCode;
  try {
    exitCode = await dispatch(args, console);
  } catch (error) {
    exitCode = await showFailure(error, console, process.cwd());
  }
  decideExit(exitCode);
  // Nothing would follow: to leave now saves Node the time of taking its heap apart.
  if (isIdle()) leave(exitCode);
  endLeftovers(say, () => leave(exitCode));
}

// Not awaited here: the build makes this a CommonJS module. It never rejects.
void main();
