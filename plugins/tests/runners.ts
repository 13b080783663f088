import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TreadleError } from '../../core/index.ts';

/** A test runner that Treadle can ask for a report. */
export type Runner = 'mocha' | 'node' | 'vitest' | 'jest' | 'playwright';

interface RunnerRecipe {
  /** How its command is recognised. */
  readonly command: RegExp;
  /** Options by which a command chooses a report itself. */
  readonly ownReporter: RegExp;
  /** Arguments that make it report to Treadle. */
  readonly arguments: () => readonly string[];
  /** The same by way of NODE_OPTIONS, for what takes no arguments after its own. */
  readonly nodeOptions?: string;
  readonly format: 'tap' | 'ndjson';
}

const reporterOption = /(?:^|\s)--reporters?(?:[\s=]|$)/;

const recipes: { readonly [Name in Runner]: RunnerRecipe } = {
  mocha: {
    command: program('_?mocha'),
    ownReporter: /(?:^|\s)(?:--reporter(?:[\s=]|$)|-R)/,
    arguments: () => ['--reporter', reporterFile('mocha')],
    format: 'ndjson',
  },
  vitest: {
    command: program('vitest'),
    ownReporter: reporterOption,
    arguments: () => [`--reporter=${reporterFile('vitest')}`],
    format: 'ndjson',
  },
  jest: {
    command: program('jest'),
    ownReporter: reporterOption,
    arguments: () => ['--testLocationInResults', `--reporters=${reporterFile('jest')}`],
    format: 'ndjson',
  },
  playwright: {
    command: /(?:^|[\s/\\])playwright(?:\.cmd)?\s+test(?=\s|$)/,
    ownReporter: reporterOption,
    arguments: () => [`--reporter=${reporterFile('playwright')}`],
    format: 'ndjson',
  },
  node: {
    command: /(?:^|[\s/\\])node(?:\.exe)?\s(?:.*\s)?--test(?=\s|$)/,
    ownReporter: /(?:^|\s)--test-reporter(?:[\s=]|$)/,
    arguments: () => [],
    nodeOptions: '--test-reporter=tap',
    format: 'tap',
  },
};

/** The names of {@link Runner}. */
export const runnerNames = ['mocha', 'node', 'vitest', 'jest', 'playwright'] as const satisfies readonly Runner[];

/** The runner that a command starts, if it can be told. */
export function runnerOf(command: string): Runner | undefined {
  return runnerNames.find((name) => recipes[name].command.test(command));
}

/** What a runner needs in order to report to Treadle. */
export function reportSetup(runner: Runner): Pick<RunnerRecipe, 'format' | 'nodeOptions'> & { readonly arguments: readonly string[] } {
  const recipe = recipes[runner];
  return {
    arguments: recipe.arguments(),
    format: recipe.format,
    ...(recipe.nodeOptions === undefined ? {} : { nodeOptions: recipe.nodeOptions }),
  };
}

/** Whether a command chooses its report itself. */
export function choosesReport(runner: Runner, command: string): boolean {
  return recipes[runner].ownReporter.test(command);
}

function program(name: string): RegExp {
  return new RegExp(String.raw`(?:^|[\s/\\])${name}(?:\.cmd)?(?=\s|$)`);
}

/** A file of `runner-reporters/`, as a source or built. */
function reporterFile(name: string): string {
  const here = import.meta.url;
  const candidates = here.endsWith('.ts')
    ? [`./runner-reporters/${name}.ts`]
    : [`./runner-reporters/${name}.js`, `../runner-reporters/${name}.js`];
  for (const candidate of candidates) {
    const file = fileURLToPath(new URL(candidate, here));
    if (existsSync(file)) return file;
  }
  throw new TreadleError(
    'E_INTERNAL',
    `There is no runner-reporters/${name}.js beside ${here}: the installation of Treadle is incomplete.`,
  );
}
