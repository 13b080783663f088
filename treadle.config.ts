import { definePipeline, sequence, step } from 'treadle';
import { shell, tests } from 'treadle/plugins';
import { readdir, stat } from 'node:fs/promises';

/** What the packed package may weigh, in bytes: the command line, with every reporter and the page of the HTML report, is more than half. */
const largestPackage = 600_000;

const checks = [
  shell('format', { command: 'prettier --check --log-level warn .' }),
  shell('lint', { command: 'oxlint --type-aware --format=stylish', problemMatcher: '$eslint-stylish' }),
  shell('types', { command: 'tsc', problemMatcher: '$tsc' }),
  shell('extension-types', { command: 'tsc -p extension', problemMatcher: '$tsc' }),
  shell('page-types', { command: 'tsc -p extension/src/timeline/webview', problemMatcher: '$tsc' }),
  shell('report-types', { command: 'tsc -p core/reporters/html/page', problemMatcher: '$tsc' }),
  shell('storefront-types', { command: 'tsc -p fixtures/storefront', problemMatcher: '$tsc' }),
  shell('unused', { command: 'knip' }),
  shell('vsix', { command: 'node scripts/package-extension.ts' }),
  sequence(
    [
      // Without its scripts: those would build anew what is running here.
      shell('pack', {
        command: 'rm -rf build/package && mkdir -p build/package && npm pack --silent --ignore-scripts --pack-destination build/package',
      }),
      shell('package-rules', { command: 'publint build/package/*.tgz --strict' }),
      shell('package-types', { command: 'attw build/package/*.tgz --profile esm-only --no-emoji' }),
      step('package-size', async (context) => {
        const folder = `${context.cwd}/build/package`;
        const [name = ''] = await readdir(folder);
        const { size } = await stat(`${folder}/${name}`);
        context.log(`${name}: ${size} bytes`);
        if (size > largestPackage) throw new Error(`${name} has ${size} bytes; ${largestPackage} are allowed.`);
      }),
    ],
    { id: 'package' },
  ),
];

// The sources of the built-in plugins are not those of a project.
const settings = { plugins: [] };

export default {
  /** `npm run check` */
  check: definePipeline([checks], { ...settings, failFast: false }),
  /** Everything that must hold before a change is handed in. */
  default: definePipeline([checks, tests('tests', { command: "mocha 'test/**/*.test.ts'" }, { timeout: '15m' })], settings),
};
