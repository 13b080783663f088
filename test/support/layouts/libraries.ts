import { json, type Layout } from './layout.ts';

/** Packages that others install. */
export const libraries: readonly Layout[] = [
  {
    // p-limit 7: one script for everything, tabs, XO's style.
    name: 'p-limit',
    files: {
      'package.json': json(
        {
          name: 'p-limit',
          type: 'module',
          scripts: { test: 'xo && ava && tsd', benchmark: 'node benchmark.js' },
          devDependencies: { ava: '^6.1.3', tsd: '^0.31.1', xo: '^0.58.0' },
        },
        '\t',
      ),
      'index.js': '',
      'index.d.ts': '',
      'test.js': '',
      '.npmrc': 'package-lock=false\n',
      '.gitignore': 'node_modules\nyarn.lock\n',
    },
    pipeline: 'treadle.config.js',
    text: `import {all, definePipeline} from 'treadle';
import {shell, tests} from 'treadle/plugins';

export default definePipeline([
	// These run at the same time.
	all(
		[
			shell('xo', {command: 'xo --reporter=stylish', problemMatcher: '$eslint-stylish'}),
			shell('tsd', 'tsd'),
			tests('test', 'ava --tap'),
		],
		{id: 'checks'},
	),
]);
`,
  },
  {
    // ky 1: the tests need the build.
    name: 'ky',
    files: {
      'package.json': json(
        {
          name: 'ky',
          type: 'module',
          scripts: {
            test: 'xo && npm run build && ava',
            debug: 'PWDEBUG=1 ava --timeout=2m',
            release: 'np',
            build: 'del-cli distribution && tsc --project tsconfig.dist.json',
            prepare: 'npm run build',
          },
          devDependencies: { ava: '^5.3.1', 'del-cli': '^5.1.0', typescript: '^5.5.4', xo: '^0.58.0' },
          xo: { envs: ['browser'] },
        },
        '\t',
      ),
      'tsconfig.json': '{\n\t"compilerOptions": {"module": "node16", "outDir": "distribution"},\n\t"include": ["source"]\n}\n',
      'source/index.ts': '// TODO: more\nexport {};\n',
    },
    pipeline: 'treadle.config.ts',
    text: `import {definePipeline} from 'treadle';
import {shell, tests} from 'treadle/plugins';

export default definePipeline([
	shell('xo', {command: 'xo --reporter=stylish', problemMatcher: '$eslint-stylish'}),
	shell('build', {
		command: 'del-cli distribution && tsc --project tsconfig.dist.json',
		problemMatcher: '$tsc',
	}),
	tests('test', 'ava --tap'),
]);
`,
  },
  {
    // express 5: CommonJS, several ways to run the same tests, a reporter for people.
    name: 'express',
    files: {
      'package.json': json({
        name: 'express',
        scripts: {
          lint: 'eslint .',
          'lint:fix': 'eslint . --fix',
          test: 'mocha --require test/support/env --reporter spec --check-leaks test/ test/acceptance/',
          'test-ci': 'nyc --exclude examples --reporter=lcovonly npm test',
          'test-cov': 'nyc --exclude examples --reporter=html npm test',
          'test-tap': 'mocha --require test/support/env --reporter tap --check-leaks test/ test/acceptance/',
        },
        devDependencies: { eslint: '8.47.0', mocha: '^10.7.3', nyc: '^17.1.0' },
      }),
      'lib/express.js': '',
      'index.js': '',
      '.github/workflows/ci.yml': 'name: ci\n',
    },
    pipeline: 'treadle.config.mjs',
    text: `import { all, definePipeline } from 'treadle';
import { shell, tests } from 'treadle/plugins';

export default definePipeline([
  // These run at the same time.
  all(
    [
      shell('lint', { command: 'eslint .', problemMatcher: '$eslint-stylish' }),
      tests('test', 'mocha --require test/support/env --check-leaks test/ test/acceptance/'),
    ],
    { id: 'checks' },
  ),
]);
`,
  },
  {
    // commander 14: scripts of scripts, the same check from two of them, prettier's style in a file that is code.
    name: 'commander',
    files: {
      'package.json': json({
        name: 'commander',
        type: 'commonjs',
        scripts: {
          check: 'npm run check:type && npm run check:lint && npm run check:format',
          'check:format': 'prettier --check .',
          'check:lint': 'eslint .',
          'check:type': 'npm run check:type:js && npm run check:type:ts',
          'check:type:ts': 'tsd && tsc -p tsconfig.ts.json',
          'check:type:js': 'tsc -p tsconfig.js.json',
          fix: 'npm run fix:lint && npm run fix:format',
          'fix:format': 'prettier --write .',
          'fix:lint': 'eslint --fix .',
          test: 'jest && npm run check:type:ts',
          'test-all': 'jest && npm run test-esm && npm run check',
          'test-esm': 'node ./tests/esm-imports-test.mjs',
        },
        devDependencies: { eslint: '^9.17.0', jest: '^30.0.3', prettier: '^3.2.5', tsd: '^0.33.0', typescript: '^5.0.4' },
      }),
      '.prettierrc.js': 'module.exports = { singleQuote: true };\n',
      'tsconfig.js.json': '{}',
      'tsconfig.ts.json': '{}',
    },
    pipeline: 'treadle.config.ts',
    text: `import { all, definePipeline } from 'treadle';
import { shell, tests } from 'treadle/plugins';

export default definePipeline([
  // These run at the same time.
  all(
    [
      shell('check:format', 'prettier --check .'),
      shell('check:lint', {
        command: 'eslint .',
        problemMatcher: '$eslint-stylish',
      }),
      shell('check:type:js', {
        command: 'tsc -p tsconfig.js.json',
        problemMatcher: '$tsc',
      }),
      shell('tsd', 'tsd'),
      shell('tsc tsconfig.ts.json', {
        command: 'tsc -p tsconfig.ts.json',
        problemMatcher: '$tsc',
      }),
      tests('test', 'jest'),
    ],
    { id: 'checks' },
  ),
]);
`,
  },
  {
    // semver 7: hooks around scripts, node-tap.
    name: 'semver',
    files: {
      'package.json': json({
        name: 'semver',
        scripts: {
          test: 'tap',
          snap: 'tap',
          lint: 'npm run eslint',
          postlint: 'template-oss-check',
          lintfix: 'npm run eslint -- --fix',
          posttest: 'npm run lint',
          eslint: 'eslint "**/*.{js,cjs,ts,mjs,jsx,tsx}"',
        },
        devDependencies: { tap: '^16.0.0', '@npmcli/eslint-config': '^6.0.0' },
      }),
      'index.js': '',
    },
    pipeline: 'treadle.config.mjs',
    text: `import { all, definePipeline } from 'treadle';
import { shell, tests } from 'treadle/plugins';

export default definePipeline([
  // These run at the same time.
  all(
    [
      shell('lint', { command: 'npm run lint', problemMatcher: '$eslint-stylish' }),
      tests('test', 'tap --reporter=tap'),
    ],
    { id: 'checks' },
  ),
]);
`,
  },
  {
    // A library as many are: no script for types, a build that writes a folder of its own, a folder plugins of another kind.
    name: 'library',
    files: {
      'package.json': json(
        {
          name: 'library',
          type: 'module',
          exports: './dist/index.js',
          scripts: { build: 'tsdown', test: 'vitest --coverage', prepublishOnly: 'npm run build' },
          devDependencies: { eslint: '^9.0.0', tsdown: '^0.15.0', typescript: '^5.9.2', vitest: '^3.2.4' },
        },
        4,
      ),
      'tsconfig.json': '{\n  // Checked, not written.\n  "compilerOptions": { "module": "nodenext", "noEmit": true, }\n}\n',
      'eslint.config.js': 'export default [];\n',
      'plugins/vite.ts': 'export const plugin = 1;\n',
    },
    pipeline: 'treadle.config.ts',
    text: `import { all, definePipeline } from 'treadle';
import { shell, tests } from 'treadle/plugins';

export default definePipeline(
    [
        // These run at the same time.
        all(
            [
                shell('lint', { command: 'eslint .', problemMatcher: '$eslint-stylish' }),
                shell(
                    'types',
                    { command: 'tsc', problemMatcher: '$tsc' },
                    { inputs: ['**/*.{ts,tsx,mts,cts}', '**/*.{js,jsx,mjs,cjs,json}'] },
                ),
                tests('test', 'vitest run --coverage'),
            ],
            { id: 'checks' },
        ),
        shell('build', 'tsdown'),
    ],
    { plugins: [] },
);
`,
  },
];
