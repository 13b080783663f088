import * as v from 'valibot';
import { definePlugin, TreadleError, type Diagnostic, type ExecResult, type PipelineContext } from '../core/index.ts';
import { command, commandOptions, isNotFound, lastOutput, placeOf, showCommand, showEnd, type CommandOption } from './command-options.ts';
import { pattern, toRegExp } from './pattern.ts';
import { ProblemCollector } from './problem-matchers/collect.ts';
import { compileMatchers } from './problem-matchers/compile.ts';
import { problemMatcher } from './problem-matchers/definition.ts';
import { shorthand } from './forms.ts';

const fullOptions = v.strictObject({
  ...commandOptions,
  problemMatcher: v.optional(
    v.pipe(
      problemMatcher,
      v.description("Finds problems in the output: '$tsc', '$eslint-stylish', '$gcc', …, VS Code's own form, or a list."),
    ),
  ),
  allowExitCodes: v.optional(v.pipe(v.array(v.pipe(v.number(), v.integer())), v.description('Exit codes beside 0 that count as success.'))),
  progress: v.optional(
    v.pipe(pattern, v.description('Matched against each line: its group is the percentage, or its two groups are how many of how many.')),
  ),
});

type ShellOptions = v.InferOutput<typeof fullOptions>;

/** Options of {@link shell}: an object, or only the command. */
export const shellOptions = shorthand(command, fullOptions);

/**
 * Runs a command.
 *
 * @throws `E_COMMAND_FAILED` unless it exits with 0, `E_COMMAND_NOT_FOUND`, `E_PATH_OUTSIDE`.
 * @example
 * shell('types', { command: 'tsc --noEmit', problemMatcher: '$tsc' })
 * shell('build', ['npm', 'run', 'build'])
 */
export const shell = definePlugin({
  name: 'shell',
  description: 'Run a command',
  executor: 'inline',
  options: shellOptions,
  run: (context, options) => runShell(context, typeof options === 'string' || Array.isArray(options) ? { command: options } : options),
});

async function runShell(context: PipelineContext, options: ShellOptions): Promise<void> {
  const place = placeOf(context, options);
  const problems: Diagnostic[] = [];
  const readers: ((line: string) => void)[] = [];
  if (options.problemMatcher !== undefined) {
    const collector = new ProblemCollector(compileMatchers(options.problemMatcher), { root: context.cwd, cwd: place.cwd });
    readers.push((line) => {
      const problem = collector.line(line);
      if (problem === undefined) return;
      problems.push(problem);
      context.diagnostic(problem);
    });
  }
  if (options.progress !== undefined) readers.push(progressReader(context, toRegExp(options.progress)));
  const result = await context.exec(options.command, {
    ...place,
    check: false,
    ...(readers.length === 0 ? {} : { onLine: (line) => readers.forEach((read) => read(line)) }),
  });
  if (result.exitCode === 0 || (result.exitCode !== null && options.allowExitCodes?.includes(result.exitCode) === true)) return;
  throw commandFailed(options.command, result, problems);
}

function progressReader(context: PipelineContext, progress: RegExp): (line: string) => void {
  return (line) => {
    const match = progress.exec(line);
    if (match === null) return;
    const [, first, second] = match;
    const percent = second === undefined ? Number(first) : (Number(first) / Number(second)) * 100;
    if (Number.isFinite(percent)) context.updateStepProgress(percent);
  };
}

function commandFailed(line: CommandOption, result: ExecResult, problems: readonly Diagnostic[]): TreadleError {
  const shown = showCommand(line);
  const props = { command: shown, exitCode: result.exitCode, signal: result.signal };
  if (isNotFound(result)) {
    return new TreadleError('E_COMMAND_NOT_FOUND', `\`${shown}\` exited with 127:${lastOutput(result)}`, { props });
  }
  const said = problems.length > 0 ? `: ${countProblems(problems)}` : addColon(lastOutput(result));
  return new TreadleError('E_COMMAND_FAILED', `\`${shown}\` ${showEnd(result)}${said}`, { props });
}

function addColon(said: string): string {
  return said === '' ? '' : `:${said}`;
}

/** `2 problems in src/a.ts`, `3 problems in 2 files`. */
function countProblems(problems: readonly Diagnostic[]): string {
  const files = new Set(problems.map(({ file }) => file));
  const [only] = files;
  const where = files.size === 1 ? String(only) : `${files.size} files`;
  return `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in ${where}`;
}
