import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TreadleError } from '../../core/index.ts';

/** A test runner that Treadle can ask for a report. */
export type Runner = 'mocha' | 'node' | 'vitest' | 'jest' | 'playwright';

interface RunnerRecipe {
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
  mocha: { ownReporter: /(?:^|\s)(?:--reporter(?:[\s=]|$)|-R)/, arguments: () => ['--reporter', reporterFile('mocha')], format: 'ndjson' },
  vitest: { ownReporter: reporterOption, arguments: () => [`--reporter=${reporterFile('vitest')}`], format: 'ndjson' },
  jest: {
    ownReporter: reporterOption,
    arguments: () => ['--testLocationInResults', `--reporters=${reporterFile('jest')}`],
    format: 'ndjson',
  },
  playwright: { ownReporter: reporterOption, arguments: () => [`--reporter=${reporterFile('playwright')}`], format: 'ndjson' },
  node: {
    ownReporter: /(?:^|\s)--test-reporter(?:[\s=]|$)/,
    arguments: () => [],
    nodeOptions: '--test-reporter=tap',
    format: 'tap',
  },
};

/** The names of {@link Runner}. */
export const runnerNames = ['mocha', 'node', 'vitest', 'jest', 'playwright'] as const satisfies readonly Runner[];

/** A runner that was recognised in a command. */
export interface FoundRunner {
  readonly runner: Runner;
  /** Whether the command chooses its report itself. */
  readonly choosesReport: boolean;
}

/** Programs that only start another one, which their arguments name. */
const launchers = /^(?:npx|pnpx|bunx|npm|pnpm|yarn|bun|exec|dlx|x|c8|nyc|cross-env|env|time|tsx|ts-node|node)$/;

/** Finds the runner that a command starts, be it by way of other programs. */
export function findRunner(command: string): FoundRunner | undefined {
  const words = command.trim().split(/\s+/);
  for (const [index, word] of words.entries()) {
    const name = word
      .replace(/^.*[\\/]/, '')
      .replace(/\.(?:cmd|exe|[cm]?js)$/, '')
      .replace(/^_mocha$/, 'mocha');
    const rest = words.slice(index + 1);
    const runner = runnerNames.find((known) => known === name && isTestRun(known, rest));
    if (runner !== undefined) return { runner, choosesReport: recipes[runner].ownReporter.test(rest.join(' ')) };
    if (!launchers.test(name) && !/^-|^\w+=/.test(word)) return undefined;
  }
  return undefined;
}

function isTestRun(runner: Runner, rest: readonly string[]): boolean {
  if (runner === 'node') return rest.includes('--test');
  return runner !== 'playwright' || rest[0] === 'test';
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

/** A file of `runner-reporters/`, as a source or built. */
function reporterFile(name: string): string {
  const here = import.meta.url;
  const file = fileURLToPath(new URL(`./runner-reporters/${name}.${here.endsWith('.ts') ? 'ts' : 'js'}`, here));
  if (existsSync(file)) return file;
  throw new TreadleError(
    'E_INTERNAL',
    `There is no runner-reporters/${name}.js beside ${here}: the installation of Treadle is incomplete.`,
  );
}
