import { json, type Layout } from './layout.ts';

/** What is deployed, or holds several packages. */
export const applications: readonly Layout[] = [
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
