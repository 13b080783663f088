/** Projects as they are laid out in public: names of files, scripts and settings, and nothing of what is in them. */
export interface Layout {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** The pipeline file that fits. */
  readonly pipeline: string;
  readonly text: string;
}

const json = (value: unknown, indent: string | number = 2): string => `${JSON.stringify(value, undefined, indent)}\n`;

export const layouts: readonly Layout[] = [
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
    // commander 14: scripts of scripts, the same check from two of them, prettier's own style.
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
    text: `import { all, definePipeline } from "treadle";
import { shell, tests } from "treadle/plugins";

export default definePipeline([
  // These run at the same time.
  all(
    [
      shell("check:format", "prettier --check ."),
      shell("check:lint", {
        command: "eslint .",
        problemMatcher: "$eslint-stylish",
      }),
      shell("check:type:js", {
        command: "tsc -p tsconfig.js.json",
        problemMatcher: "$tsc",
      }),
      shell("tsd", "tsd"),
      shell("tsc tsconfig.ts.json", {
        command: "tsc -p tsconfig.ts.json",
        problemMatcher: "$tsc",
      }),
      tests("test", "jest"),
    ],
    { id: "checks" },
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
    // create-vue 3 with everything: linters that mend, a formatter that writes, Vitest that watches, Playwright with its own server.
    name: 'vue-app',
    files: {
      'package.json': json({
        name: 'vue-app',
        private: true,
        type: 'module',
        scripts: {
          dev: 'vite',
          build: 'run-p type-check "build-only {@}" --',
          preview: 'vite preview',
          'test:unit': 'vitest',
          'test:e2e': 'playwright test',
          'build-only': 'vite build',
          'type-check': 'vue-tsc --build',
          lint: 'run-s "lint:*"',
          'lint:oxlint': 'oxlint . --fix',
          'lint:eslint': 'eslint . --fix --cache',
          format: 'prettier --write --experimental-cli src/',
        },
        devDependencies: {
          '@playwright/test': '^1.63.0',
          eslint: '^9.30.0',
          oxlint: '~1.8.0',
          prettier: '3.6.2',
          typescript: '~5.8.0',
          vitest: '^3.2.4',
        },
      }),
      '.prettierrc.json': '{\n  "semi": false,\n  "singleQuote": true,\n  "printWidth": 100\n}\n',
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
      'playwright.config.ts':
        "export default { use: { baseURL: 'http://localhost:5173' }, webServer: { command: 'npm run dev', port: 5173 } }\n",
      'src/main.ts': '',
      '.gitignore': 'node_modules\ndist\n',
      '.vscode/extensions.json': '{\n  // What we use.\n  "recommendations": ["Vue.volar"]\n}\n',
    },
    pipeline: 'treadle.config.ts',
    text: `import { all, definePipeline } from 'treadle'
import { shell, tests } from 'treadle/plugins'

export default definePipeline([
  // These run at the same time.
  all(
    [
      shell('format', 'prettier --check --experimental-cli src/'),
      shell('lint:oxlint', {
        command: 'oxlint . --format=stylish',
        problemMatcher: '$eslint-stylish',
      }),
      shell('lint:eslint', { command: 'eslint . --cache', problemMatcher: '$eslint-stylish' }),
      shell('type-check', { command: 'vue-tsc --build', problemMatcher: '$tsc' }),
      tests('test:unit', 'vitest run'),
    ],
    { id: 'checks' },
  ),
  shell('build', 'npm run build'),
  tests('test:e2e', 'playwright test'),
])
`,
  },
  {
    // A Biome and Next.js application: pnpm, two scripts of which one covers the other, a server for its end-to-end tests.
    name: 'next-app',
    files: {
      'package.json': json({
        name: 'next-app',
        private: true,
        packageManager: 'pnpm@10.12.1',
        scripts: {
          dev: 'next dev',
          build: 'next build',
          start: 'next start -p 4000',
          lint: 'biome check --write',
          format: 'biome format --write',
          test: 'dotenvx run -- vitest run --reporter=verbose',
          e2e: 'playwright test --ui',
        },
        dependencies: { next: '15.5.0' },
        devDependencies: { '@biomejs/biome': '2.2.0', '@playwright/test': '^1.55.0', typescript: '^5', vitest: '^3.2.4' },
      }),
      'biome.json': '{ "formatter": { "indentStyle": "space" } }',
      'tsconfig.json':
        '{ "compilerOptions": { "noEmit": true, "module": "esnext", "moduleResolution": "bundler" }, "include": ["next-env.d.ts", "**/*.ts"] }',
      'playwright.config.ts': 'export default {};\n',
      'app/page.tsx': '',
    },
    pipeline: 'treadle.config.ts',
    text: `import { all, definePipeline } from "treadle";
import { service, shell, tests } from "treadle/plugins";

export default definePipeline([
  // These run at the same time.
  all(
    [
      shell("lint", { command: "biome check", problemMatcher: "$biome" }),
      tests("test", {
        command: "dotenvx run -- vitest run --reporter=verbose",
        runner: "vitest",
      }),
    ],
    { id: "checks" },
  ),
  shell("build", "next build"),
  // Stays up until the run ends.
  service("server", {
    command: "pnpm run start",
    ready: { url: "http://localhost:4000" },
  }),
  tests("e2e", "playwright test"),
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
  {
    // A repository of packages, as npm's own documentation lays it out; one of them builds on the other.
    name: 'packages',
    files: {
      'package.json': json({
        name: 'packages',
        private: true,
        type: 'module',
        workspaces: ['packages/*'],
        scripts: { lint: 'eslint .', test: 'npm test --workspaces --if-present', build: 'npm run build --workspaces' },
        devDependencies: { eslint: '^9.0.0' },
      }),
      'packages/app/package.json': json({
        name: '@packages/app',
        scripts: { build: 'vite build', test: 'vitest' },
        dependencies: { '@packages/shared': '*' },
      }),
      'packages/shared/package.json': json({ name: '@packages/shared', scripts: { build: 'tsup', test: 'node --test' } }),
      'packages/notes.md': '',
    },
    pipeline: 'treadle.config.js',
    text: `import { definePipeline, sequence } from 'treadle';
import { shell, tests } from 'treadle/plugins';

export default definePipeline([
  shell('lint', { command: 'eslint .', problemMatcher: '$eslint-stylish' }),
  shell('packages/shared build', { command: 'tsup', cwd: 'packages/shared' }),
  shell('packages/app build', { command: 'vite build', cwd: 'packages/app' }),
  sequence([
    tests('packages/shared test', { command: 'node --test', cwd: 'packages/shared' }),
    tests('packages/app test', { command: 'vitest run', cwd: 'packages/app' }),
  ]),
]);
`,
  },
];
