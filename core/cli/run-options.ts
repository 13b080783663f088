import { TreadleError } from '../contract/errors.ts';
import type { ExecutorName } from '../contract/plan.ts';
import { suggest } from '../model/suggest.ts';
import type { RunFlags } from './flags.ts';
import { parseShard } from './shard-option.ts';

/** Flags while they are read. */
export type FlagsDraft = { -readonly [Key in keyof RunFlags]: RunFlags[Key] };

type ValueOf<Key extends keyof RunFlags> = Required<RunFlags>[Key];
type Parse<Key extends keyof RunFlags> = (text: string, previous: RunFlags[Key]) => ValueOf<Key>;
type SwitchKey = keyof { [Key in keyof RunFlags as [boolean] extends [ValueOf<Key>] ? Key : never]: true };

interface OptionTexts {
  /** Such as `--only`. */
  readonly name: string;
  readonly description: string;
  /** One letter, such as `-r`. */
  readonly short?: string;
}

/** An option that is given or not; `--no-…` says no. */
export interface SwitchOption extends OptionTexts {
  readonly value?: undefined;
  readonly parse?: undefined;
  take(flags: FlagsDraft): void;
}

/** An option with a value. */
export interface ValueOption extends OptionTexts {
  /** As help shows it: `<n>`, or `<id...>` where several words may follow. */
  readonly value: string;
  /** @param previous - what it was before; the option may be repeated */
  parse(text: string, previous: unknown): unknown;
  /** @throws what parsing throws */
  take(flags: FlagsDraft, text: string): void;
}

export type RunOption = SwitchOption | ValueOption;

/** Options that help shows below one heading. */
export interface OptionGroup {
  readonly heading: string;
  readonly options: readonly RunOption[];
}

function flag(key: SwitchKey, name: string, description: string, short?: string): SwitchOption {
  const texts = short === undefined ? { name, description } : { name, description, short };
  return {
    ...texts,
    take(flags) {
      flags[key] = !name.startsWith('--no-');
    },
  };
}

function valued<Key extends keyof RunFlags>(
  key: Key,
  [name, value]: readonly [name: string, value: string],
  description: string,
  parse: Parse<Key>,
): ValueOption {
  return {
    name,
    value,
    description,
    parse,
    take(flags, text) {
      flags[key] = parse(text, flags[key]);
    },
  };
}

const asIs = (text: string): string => text;
const collect = (text: string, previous: readonly string[] = []): readonly string[] => [...previous, text];

/** @throws `E_USAGE` */
export const parseCount =
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

const executors: readonly ExecutorName[] = ['inline', 'threads'];

function parseExecutor(text: string): ExecutorName {
  const executor = executors.find((each) => each === text);
  if (executor !== undefined) return executor;
  const near = suggest(text, executors);
  throw new TreadleError('E_EXECUTOR_UNKNOWN', `There is no executor "${text}".`, {
    hint: near === undefined ? `Executors are ${executors.join(', ')}.` : `Did you mean "${near}"? Executors are ${executors.join(', ')}.`,
  });
}

/** `--reporter`, which some other commands have, too. */
export const reporterOption = valued(
  'reporter',
  ['--reporter', '<name[=file]>'],
  'how to report, and the file to write it to; repeatable',
  collect,
);

/** Options that every command takes. */
export const globalOptions: OptionGroup = {
  heading: 'Everywhere:',
  options: [
    valued('config', ['--config', '<file>'], 'the pipeline file (default: treadle.config.*)', asIs),
    valued('cwd', ['--cwd', '<dir>'], 'work in another folder', asIs),
    flag('color', '--color', 'colours, whatever the output is'),
    flag('color', '--no-color', 'no colours'),
  ],
};

/** What a run and a watch have in common. */
export const commonRunOptions: readonly OptionGroup[] = [
  {
    heading: 'What to run:',
    options: [
      valued('only', ['--only', '<id...>'], 'only these steps or groups', collect),
      valued('from', ['--from', '<id>'], 'this step or group, and all that follow it', asIs),
      valued('param', ['--param', '<key=value>'], "set a value of the pipeline's config; repeatable", collect),
    ],
  },
  {
    heading: 'How to run it:',
    options: [
      valued('concurrency', ['--concurrency', '<n>'], 'how many steps may run at once', parseCount('--concurrency')),
      valued('timeout', ['--timeout', '<duration>'], 'limit for the whole run, such as 90s or 10m', asIs),
      flag('failFast', '--fail-fast', 'stop at the first failure'),
      flag('failFast', '--no-fail-fast', 'run everything, whatever fails'),
      valued('maxFailures', ['--max-failures', '<n>'], 'begin nothing else after so many failures', parseCount('--max-failures')),
      flag('failOnFlaky', '--fail-on-flaky', 'fail when a step passed only after a retry'),
      flag('passWithNoSteps', '--pass-with-no-steps', 'pass when there is nothing to run'),
      valued('executor', ['--executor', '<name>'], 'where steps run, whatever the file says: threads, inline', parseExecutor),
      flag('force', '--force', 'run every step, whatever the cache holds'),
      flag('cache', '--no-cache', 'neither use nor keep results in the cache'),
    ],
  },
  {
    heading: 'Reports:',
    options: [reporterOption, valued('trace', ['--trace', '<file>'], 'write a timeline of the run for chrome://tracing', asIs)],
  },
];

/** What only a run takes. */
export const ownRunOptions: OptionGroup = {
  heading: 'What to run:',
  options: [
    flag('failed', '--failed', 'only what failed and has not passed since'),
    flag('affected', '--affected', 'only what depends on files that changed, as git knows it'),
    valued('since', ['--since', '<ref>'], 'compare with this branch or commit (default: the merge target)', asIs),
    flag('recursive', '--recursive', 'the pipelines of all packages of the workspace, each after those that it depends on', '-r'),
    valued(
      'packageWorkers',
      ['--package-workers', '<n>'],
      'how many packages run at once (default: one per processor)',
      parseCount('--package-workers'),
    ),
    valued('shard', ['--shard', '<n/m>'], 'one of several parts, each for a machine of its own', parseShard),
    flag('dryRun', '--dry-run', 'show the plan, run nothing'),
    flag('watch', '--watch', 'run again what a change affects: treadle watch'),
  ],
};

/** The flags of a run without options: `--no-cache` has no counterpart, so without it the answer is yes. */
export const defaultRunFlags: RunFlags = { cache: true };
