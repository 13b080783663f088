import { Argument, Command, Option } from 'commander';
import { TreadleError, type ExitCode } from '../contract/errors.ts';
import type { ExecutorName } from '../contract/plan.ts';
import { ciSystems, type CiSystem } from '../init/ci-files.ts';
import { suggest } from '../model/suggest.ts';
import type { WhenBusy } from '../watch/rerun-loop.ts';
import type { Console } from './console.ts';
import {
  commandNames,
  type ExplainFlags,
  type GlobalFlags,
  type HistoryFlags,
  type InitFlags,
  type ListFlags,
  type MergeFlags,
  type ReportFlags,
  type RunFlags,
  type ServeFlags,
  type Shell,
  shells,
  type WatchFlags,
} from './flags.ts';
import { arrangeHelp, everywhereHeading, type Example } from './help.ts';
import { parseShard } from './shard-option.ts';
import { ownVersion } from '../files/own-version.ts';

const executors: readonly ExecutorName[] = ['inline', 'threads'];

const whenBusyChoices: readonly WhenBusy[] = ['restart', 'latest', 'ignore'];

const isExecutor = (name: string): name is ExecutorName => executors.some((executor) => executor === name);
const isShell = (name: string): name is Shell => shells.some((shell) => shell === name);

const parseCount =
  (option: string) =>
  (text: string): number => {
    const count = Number(text);
    if (!Number.isSafeInteger(count) || count < 1 || text.trim() === '') {
      throw new TreadleError('E_USAGE', `${option} must be a whole number, 1 or more, not "${text}".`, {
        hint: 'Run treadle run --help.',
      });
    }
    return count;
  };

function parseExecutor(text: string): ExecutorName {
  if (isExecutor(text)) return text;
  const near = suggest(text, executors);
  throw new TreadleError('E_EXECUTOR_UNKNOWN', `There is no executor "${text}".`, {
    hint: near === undefined ? `Executors are ${executors.join(', ')}.` : `Did you mean "${near}"? Executors are ${executors.join(', ')}.`,
  });
}

function parseWhenBusy(text: string): WhenBusy {
  const choice = whenBusyChoices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new TreadleError('E_USAGE', `--when-busy cannot be "${text}".`, { hint: `Choose one of ${whenBusyChoices.join(', ')}.` });
}

function parseCi(text: string): CiSystem {
  const system = ciSystems.find((each) => each === text);
  if (system !== undefined) return system;
  throw new TreadleError('E_USAGE', `There is no CI file for "${text}".`, { hint: `Choose one of ${ciSystems.join(', ')}.` });
}

function parseShell(text: string): Shell {
  if (isShell(text)) return text;
  throw new TreadleError('E_USAGE', `There is no completion script for "${text}".`, {
    hint: `There are scripts for ${shells.join(', ')}.`,
  });
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

const runExamples: readonly Example[] = [
  ['treadle', "run the project's pipeline"],
  ['treadle nightly', 'run the pipeline named nightly'],
  ['treadle run --only lint types', 'run these steps and nothing else'],
  ['treadle --reporter line --reporter json=out/report.json', ''],
  ['treadle --param baseUrl=http://127.0.0.1:8080', ''],
];

/** What a run and a watch have in common. */
function takeRunOptions(command: Command): Command {
  return command
    .addArgument(new Argument('[pipeline]', 'name of the pipeline, where the project has several'))
    .optionsGroup('What to run:')
    .addOption(new Option('--only <id...>', 'only these steps or groups').argParser(collect))
    .option('--from <id>', 'this step or group, and all that follow it')
    .addOption(new Option('--param <key=value>', "set a value of the pipeline's config; repeatable").argParser(collect))
    .optionsGroup('How to run it:')
    .addOption(new Option('--concurrency <n>', 'how many steps may run at once').argParser(parseCount('--concurrency')))
    .option('--timeout <duration>', 'limit for the whole run, such as 90s or 10m')
    .option('--fail-fast', 'stop at the first failure')
    .option('--no-fail-fast', 'run everything, whatever fails')
    .addOption(new Option('--max-failures <n>', 'begin nothing else after so many failures').argParser(parseCount('--max-failures')))
    .option('--fail-on-flaky', 'fail when a step passed only after a retry')
    .option('--pass-with-no-steps', 'pass when there is nothing to run')
    .addOption(new Option('--executor <name>', 'where steps run, whatever the file says: threads, inline').argParser(parseExecutor))
    .option('--force', 'run every step, whatever the cache holds')
    .option('--no-cache', 'neither use nor keep results in the cache')
    .optionsGroup('Reports:')
    .addOption(new Option('--reporter <name[=file]>', 'how to report, and the file to write it to; repeatable').argParser(collect))
    .option('--trace <file>', 'write a timeline of the run for chrome://tracing');
}

function watchesByItself(): TreadleError {
  return new TreadleError('E_USAGE', '--watch cannot be combined with --failed, --affected, --since, --shard or -r.', {
    hint: 'Watch mode runs what a change affects; its key f runs what failed.',
  });
}

function defineRun(program: Command, console: Console, settle: (code: ExitCode) => void): Command {
  const run = program
    .command('run', { isDefault: true })
    .summary('run a pipeline (the default)')
    .description('Run a pipeline of the project, or some of its steps.');
  return takeRunOptions(run)
    .optionsGroup('What to run:')
    .option('--failed', 'only what failed and has not passed since')
    .option('--affected', 'only what depends on files that changed, as git knows it')
    .option('--since <ref>', 'compare with this branch or commit (default: the merge target)')
    .option('-r, --recursive', 'the pipelines of all packages of the workspace, each after those that it depends on')
    .addOption(
      new Option('--package-workers <n>', 'how many packages run at once (default: one per processor)').argParser(
        parseCount('--package-workers'),
      ),
    )
    .addOption(new Option('--shard <n/m>', 'one of several parts, each for a machine of its own').argParser(parseShard))
    .option('--dry-run', 'show the plan, run nothing')
    .option('--watch', 'run again what a change affects: treadle watch')
    .action(async (pipeline: string | undefined, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<RunFlags>();
      if (flags.watch === true && flags.dryRun !== true) {
        if (
          flags.failed === true ||
          flags.affected === true ||
          flags.since !== undefined ||
          flags.recursive === true ||
          flags.shard !== undefined
        )
          throw watchesByItself();
        const { watchPipeline } = await import('./commands/watch.ts');
        return settle(await watchPipeline(pipeline, flags, console));
      }
      const { runPipeline } = await import('./commands/run.ts');
      settle(await runPipeline(pipeline, flags, console));
    });
}

function defineWatch(program: Command, console: Console, settle: (code: ExitCode) => void): void {
  const watch = program
    .command('watch')
    .summary('run again what a change affects')
    .description('Run a pipeline, and again after each change of a file: only the steps that depend on what changed.');
  takeRunOptions(watch)
    .optionsGroup('How to run it:')
    .addOption(
      new Option('--when-busy <what>', 'what a change during a run does: restart, latest (once, afterwards), ignore').argParser(
        parseWhenBusy,
      ),
    )
    .option('--debounce <duration>', 'how long nothing must change before the changes after the first count (default: 50ms)')
    .action(async (pipeline: string | undefined, _flags: unknown, command: Command) => {
      const { watchPipeline } = await import('./commands/watch.ts');
      settle(await watchPipeline(pipeline, command.optsWithGlobals<WatchFlags>(), console));
    });
}

function defineOthers(program: Command, console: Console, settle: (code: ExitCode) => void): void {
  program
    .command('list')
    .summary('show pipelines and their steps')
    .description("Show the project's pipelines and their steps.")
    .option('--json', 'print the plans as JSON')
    .action(async (_flags: unknown, command: Command) => {
      const { listPipelines } = await import('./commands/list.ts');
      settle(await listPipelines(command.optsWithGlobals<ListFlags>(), console));
    });
  program
    .command('plugins')
    .summary('show plugins and their options')
    .description('Show the plugins that the project can use, and those that are broken. Exits with 2 if any are.')
    .option('--json', 'print them as JSON')
    .action(async (_flags: unknown, command: Command) => {
      const { listPlugins } = await import('./commands/plugins.ts');
      settle(await listPlugins(command.optsWithGlobals<ListFlags>(), console));
    });
  program
    .command('init')
    .summary('write a pipeline file that fits the project')
    .description('Look at the scripts and settings of a project, and write a pipeline file that fits it. It is shown first.')
    .option('-y, --yes', 'write without asking; files that exist stay as they are')
    .option('--dry-run', 'show what would be written, write nothing')
    .option('--force', 'overwrite files that exist')
    .addOption(new Option('--ci <system>', 'a file for CI, too: github, gitlab, azure or jenkins').argParser(parseCi))
    .option('--no-plugin', 'no sample plugin')
    .action(async (_flags: unknown, command: Command) => {
      const { initProject } = await import('./commands/init.ts');
      settle(await initProject(command.optsWithGlobals<InitFlags>(), console));
    });
  const create = program.command('new').summary('write the files of a new plugin').description('Write the first files of something new.');
  create
    .command('plugin')
    .summary('write a plugin with its test')
    .description('Write a plugin, ready to be changed.')
    .argument('<name>', 'its name, such as check-links')
    .action(async (name: string, _flags: unknown, command: Command) => {
      const { newPlugin } = await import('./commands/new-plugin.ts');
      settle(await newPlugin(name, command.optsWithGlobals<GlobalFlags>(), console));
    });
  program
    .command('explain')
    .summary('tell why a step would run')
    .description('Tell what a step depends on, and whether it would run now or its last results would be used.')
    .argument('<step>', 'id of the step')
    .option('--pipeline <name>', 'the pipeline that has it, where the project has several')
    .option('--json', 'print it as JSON')
    .action(async (step: string, _flags: unknown, command: Command) => {
      const { explainStep } = await import('./commands/explain.ts');
      settle(await explainStep(step, command.optsWithGlobals<ExplainFlags>(), console));
    });
  program
    .command('history')
    .summary('show earlier runs and how their steps did')
    .description('Show earlier runs, the last one first; or how steps did over time: how often they passed, how long they took.')
    .argument('[name...]', 'only runs of this pipeline, or this step at length')
    .option('--steps', 'all steps instead of runs, the slowest first')
    .addOption(new Option('--limit <n>', 'so many of the last runs').argParser(parseCount('--limit')))
    .option('--json', 'print it as JSON')
    .action(async (names: readonly string[], _flags: unknown, command: Command) => {
      const { showHistory } = await import('./commands/history.ts');
      settle(await showHistory(names, command.optsWithGlobals<HistoryFlags>(), console));
    });
  const reporterOption = (): Option =>
    new Option('--reporter <name[=file]>', 'how to report, and the file to write it to; repeatable').argParser(collect);
  program
    .command('report')
    .summary('write reports of an earlier run')
    .description('Write reports of an earlier run, as if it had had these reporters.')
    .argument('[run]', 'its id or how that begins, last (the default), last-failed, or its file')
    .addOption(reporterOption())
    .action(async (run: string | undefined, _flags: unknown, command: Command) => {
      const { reportRun } = await import('./commands/report.ts');
      settle(await reportRun(run, command.optsWithGlobals<ReportFlags>(), console));
    });
  program
    .command('merge-reports')
    .summary('write reports of a run that was divided')
    .description('Make one run of what the shards of a run wrote with --reporter ndjson=FILE, and write reports of it.')
    .argument('<file...>', 'files of the shards, or folders that hold them')
    .addOption(reporterOption())
    .option('--keep', 'keep the whole run in the history, too')
    .action(async (files: readonly string[], _flags: unknown, command: Command) => {
      const { mergeReports } = await import('./commands/merge-reports.ts');
      settle(await mergeReports(files, command.optsWithGlobals<MergeFlags>(), console));
    });
  const cache = program
    .command('cache')
    .summary('show or empty the cache')
    .description('Show where the results of steps with inputs are kept, and how much there is.')
    .action(async (_flags: unknown, command: Command) => {
      const { showCache } = await import('./commands/cache.ts');
      settle(await showCache(command.optsWithGlobals<GlobalFlags>(), console));
    });
  cache
    .command('clean')
    .summary('remove all kept results')
    .description('Remove all kept results. The next run runs every step.')
    .action(async (_flags: unknown, command: Command) => {
      const { emptyCache } = await import('./commands/cache.ts');
      settle(await emptyCache(command.optsWithGlobals<GlobalFlags>(), console));
    });
  program
    .command('serve')
    .summary('the engine of an editor')
    .description('Run the engine for an editor, which starts it by itself: JSON-RPC over standard input and output, or over a pipe.')
    .option('--stdio', 'talk over standard input and output')
    .option('--connect <path>', 'talk over the named pipe or socket that the editor listens on')
    .action(async (_flags: unknown, command: Command) => {
      const { serve } = await import('./commands/serve.ts');
      settle(await serve(command.optsWithGlobals<ServeFlags>(), console));
    });
  program
    .command('completion')
    .summary('print a script that completes commands in your shell')
    .description('Print a script that makes your shell complete commands, options, pipelines and steps.')
    .addArgument(new Argument('<shell>', shells.join(', ')).argParser(parseShell))
    .action(async (shell: Shell) => {
      const { printCompletion } = await import('./commands/completion.ts');
      settle(printCompletion(shell, console));
    });
}

const isPlainRun = (args: readonly string[]): boolean =>
  !args.some((arg) => arg === '-h' || arg === '--help' || (arg !== 'run' && commandNames.some((name) => name === arg)));

/**
 * Everything that the command line understands. Commands load what they need when they run.
 *
 * @param settle - is told the exit code of the command that ran
 * @param args - what is to be parsed: where it can only be a run, the other commands are not even described
 */
export function createProgram(console: Console, settle: (code: ExitCode) => void, args?: readonly string[]): Command {
  const program = new Command('treadle')
    .description("Run a project's checks as one pipeline.")
    .optionsGroup(everywhereHeading)
    .option('--config <file>', 'the pipeline file (default: treadle.config.*)')
    .option('--cwd <dir>', 'work in another folder')
    .addOption(new Option('--color', 'colours, whatever the output is'))
    .addOption(new Option('--no-color', 'no colours'))
    .version(ownVersion(), '-v, --version', 'show the version')
    .helpOption('-h, --help');
  const run = defineRun(program, console, settle);
  if (args === undefined || !isPlainRun(args)) {
    defineWatch(program, console, settle);
    defineOthers(program, console, settle);
  }
  arrangeHelp(program, run, console, {
    treadle: runExamples,
    run: runExamples,
    list: [['treadle list --json | jq .', '']],
    plugin: [['treadle new plugin check-links', '']],
    completion: [
      ['source <(treadle completion bash)', 'in ~/.bashrc'],
      ['source <(treadle completion zsh)', 'in ~/.zshrc'],
      ['treadle completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
  });
  return program;
}
