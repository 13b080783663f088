import { Argument, Command, Option } from 'commander';
import { TreadleError, type ExitCode } from '../contract/errors.ts';
import { ownVersion } from '../files/own-version.ts';
import { ciSystems, type CiSystem } from '../init/ci-files.ts';
import type { WhenBusy } from '../watch/rerun-loop.ts';
import type { Console } from './console.ts';
import {
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
import { arrangeHelp, type Example } from './help.ts';
import {
  commonRunOptions,
  globalOptions,
  ownRunOptions,
  parseCount,
  reporterOption,
  type OptionGroup,
  type RunOption,
} from './run-options.ts';
import { runOrWatch } from './run-or-watch.ts';

const whenBusyChoices: readonly WhenBusy[] = ['restart', 'latest', 'ignore'];

const isShell = (name: string): name is Shell => shells.some((shell) => shell === name);

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

const runExamples: readonly Example[] = [
  ['treadle', "run the project's pipeline"],
  ['treadle nightly', 'run the pipeline named nightly'],
  ['treadle run --only lint types', 'run these steps and nothing else'],
  ['treadle --reporter line --reporter json=out/report.json', ''],
  ['treadle --param baseUrl=http://127.0.0.1:8080', ''],
];

function toOption({ name, short, value, description, parse }: RunOption): Option {
  const option = new Option(
    [short, name].filter((each) => each !== undefined).join(', ') + (value === undefined ? '' : ` ${value}`),
    description,
  );
  return parse === undefined ? option : option.argParser(parse);
}

function addOptions(command: Command, ...groups: readonly OptionGroup[]): Command {
  for (const { heading, options } of groups) {
    command.optionsGroup(heading);
    for (const option of options) command.addOption(toOption(option));
  }
  return command;
}

const pipelineArgument = (): Argument => new Argument('[pipeline]', 'name of the pipeline, where the project has several');

function defineRun(program: Command, console: Console, settle: (code: ExitCode) => void): Command {
  const run = program
    .command('run', { isDefault: true })
    .summary('run a pipeline (the default)')
    .description('Run a pipeline of the project, or some of its steps.')
    .addArgument(pipelineArgument());
  return addOptions(run, ...commonRunOptions, ownRunOptions).action(
    async (pipeline: string | undefined, _flags: unknown, command: Command) => {
      settle(await runOrWatch(pipeline, command.optsWithGlobals<RunFlags>(), console));
    },
  );
}

function defineWatch(program: Command, console: Console, settle: (code: ExitCode) => void): void {
  const watch = program
    .command('watch')
    .summary('run again what a change affects')
    .description('Run a pipeline, and again after each change of a file: only the steps that depend on what changed.')
    .addArgument(pipelineArgument());
  addOptions(watch, ...commonRunOptions)
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
  program
    .command('report')
    .summary('write reports of an earlier run')
    .description('Write reports of an earlier run, as if it had had these reporters.')
    .argument('[run]', 'its id or how that begins, last (the default), last-failed, or its file')
    .addOption(toOption(reporterOption))
    .action(async (run: string | undefined, _flags: unknown, command: Command) => {
      const { reportRun } = await import('./commands/report.ts');
      settle(await reportRun(run, command.optsWithGlobals<ReportFlags>(), console));
    });
  program
    .command('merge-reports')
    .summary('write reports of a run that was divided')
    .description('Make one run of what the shards of a run wrote with --reporter ndjson=FILE, and write reports of it.')
    .argument('<file...>', 'files of the shards, or folders that hold them')
    .addOption(toOption(reporterOption))
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

/**
 * Everything that the command line understands. Commands load what they need when they run.
 *
 * @param settle - is told the exit code of the command that ran
 */
export function createProgram(console: Console, settle: (code: ExitCode) => void): Command {
  const program = new Command('treadle').description("Run a project's checks as one pipeline.");
  addOptions(program, globalOptions).version(ownVersion(), '-v, --version', 'show the version').helpOption('-h, --help');
  const run = defineRun(program, console, settle);
  defineWatch(program, console, settle);
  defineOthers(program, console, settle);
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
