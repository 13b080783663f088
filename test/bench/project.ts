import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { makeFolder, node, treadle, upTo } from './folder.ts';
import { type CommandLine, type Effort, interleave, runProcess, stat, type Stat, type Table } from './measure.ts';
import type { Peers } from './peers.ts';

const repository = resolve(import.meta.dirname, '../..');

/** The checks of the project: its npm scripts, and the files that each depends on. */
const checks = {
  types: { command: 'tsc --noEmit', inputs: ['src/**', 'test/**', 'tsconfig.json'] },
  lint: { command: 'oxlint src test', inputs: ['src/**', 'test/**'] },
  format: { command: 'prettier --check --log-level warn src test', inputs: ['src/**', 'test/**', '.prettierrc.json'] },
  unit: { command: 'mocha', inputs: ['src/**', 'test/**', '.mocharc.json'] },
} as const;
const build = { command: 'esbuild src/index.ts --bundle --platform=node --outdir=dist --log-level=warning', inputs: ['src/**'] } as const;

/** A project's type check, lint, format and tests at once, then its build, by what people run their scripts with. */
export async function measureProject(effort: Effort, peers: Peers): Promise<Table> {
  const names = Object.keys(checks);
  const npm = (name: string): string => `npm:${name}`;
  const sh = (command: string): readonly [file: string, ...args: string[]] => ['sh', '-c', command];
  const together = names.map((name) => `node --run ${name} & p_${name}=$!`).join('; ');
  const contenders: readonly (readonly [name: string, line: readonly [file: string, ...args: string[]]])[] = [
    ['treadle', [node, treadle, 'run', '--reporter', 'line']],
    ['shell script', sh(`${together}; ${names.map((name) => `wait $p_${name}`).join(' && ')} && node --run build`)],
    ['npm-run-all2', sh(`run-p ${names.join(' ')} && run-s build`)],
    ['concurrently', sh(`concurrently ${names.map(npm).join(' ')} && npm run build`)],
    ['wireit', [node, '--run', 'check']],
  ];
  const columns = ['first run', 'nothing changed', 'a test changed'];
  const measured = new Map<string, number[][]>(contenders.map(([name]) => [name, columns.map(() => [])]));
  const path = [join(repository, 'node_modules/.bin'), join(peers.modules, '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  await interleave(
    effort,
    contenders.map(([name, [file, ...args]]) => {
      // Each has a project of its own: their caches and outputs lie in it.
      const cwd = makeFolder(projectFiles(), join(repository, 'node_modules'));
      const line: CommandLine = {
        file,
        args,
        cwd,
        env: { PATH: path, WIREIT_LOGGER: 'quiet-ci', NO_COLOR: '1', npm_config_update_notifier: 'false' },
      };
      return {
        name,
        run: async () => {
          for (const made of ['.treadle', '.wireit', 'dist']) rmSync(join(cwd, made), { recursive: true, force: true });
          const took = [(await runProcess(line)).ms, (await runProcess(line)).ms];
          const test = join(cwd, 'test/part0.test.ts');
          writeFileSync(test, `${readFileSync(test, 'utf8')}// ${performance.now()}\n`);
          took.push((await runProcess(line)).ms);
          took.forEach((ms, column) => measured.get(name)?.[column]?.push(ms));
          return took.reduce((sum, ms) => sum + ms, 0);
        },
      };
    }),
  );
  const cellsOf = (name: string): (Stat | undefined)[] =>
    (measured.get(name) ?? []).map((values) => (values.length === 0 ? undefined : stat(values)));
  return {
    id: 'project',
    title: "A project's own checks (tsc, oxlint, prettier and mocha at once, then esbuild; 80 modules and 40 files of tests)",
    unit: 'ms',
    columns,
    base: 'treadle',
    rows: contenders.map(([name]) => ({ name, cells: cellsOf(name) })),
    remarks: ['The build does not depend on the test that changed. npm-run-all2, concurrently and the shell script remember nothing.'],
  };
}

/** Eighty modules that use each other, and tests for half of them. */
function projectFiles(): Record<string, string> {
  const count = 80;
  const module = (
    index: number,
  ): string => `${index === 0 ? '' : `import { sum${index - 1} } from './part${index - 1}.ts';\n\n`}export interface Part${index} {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
}

export function make${index}(id: number): Part${index} {
  return { id, name: \`part \${id}\`, tags: ['alpha', 'beta'] };
}

export function sum${index}(values: readonly number[]): number {
  const own = values.reduce((before, value) => before + value, 0);
  return ${index === 0 ? 'own' : `own + sum${index - 1}(values.slice(1))`};
}
`;
  const test = (index: number): string => `import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { make${index}, sum${index} } from '../src/part${index}.ts';

describe('part ${index}', () => {
  for (let id = 0; id < 10; id += 1) {
    it(\`makes \${id}\`, () => {
      assert.equal(make${index}(id).name, \`part \${id}\`);
      assert.ok(sum${index}([1, 2, id]) >= 3);
    });
  }
});
`;
  const scripts = Object.entries({ ...checks, build });
  return {
    ...Object.fromEntries(upTo(count).map((index) => [`src/part${index}.ts`, module(index)])),
    ...Object.fromEntries(upTo(count / 2).map((index) => [`test/part${index}.test.ts`, test(index)])),
    'src/index.ts': `${upTo(count)
      .map((index) => `export { make${index}, sum${index} } from './part${index}.ts';`)
      .join('\n')}\n`,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'es2024',
        module: 'nodenext',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        types: ['node', 'mocha'],
      },
      include: ['src', 'test'],
    }),
    '.prettierrc.json': '{ "singleQuote": true, "printWidth": 100 }\n',
    '.mocharc.json': '{ "spec": ["test/*.test.ts"], "reporter": "dot" }\n',
    'package.json': JSON.stringify({
      name: 'bench',
      version: '1.0.0',
      type: 'module',
      scripts: {
        ...Object.fromEntries(scripts.map(([name, { command }]) => [name, command])),
        ...Object.fromEntries(scripts.map(([name]) => [`w_${name}`, 'wireit'])),
        check: 'wireit',
      },
      wireit: {
        check: { dependencies: ['w_build'] },
        ...Object.fromEntries(
          scripts.map(([name, { command, inputs }]) => [
            `w_${name}`,
            {
              command,
              files: inputs,
              output: name === 'build' ? ['dist/**'] : [],
              // As in the pipeline: a build comes after the checks, but is the same whatever they read.
              ...(name === 'build' ? { dependencies: Object.keys(checks).map((check) => ({ script: `w_${check}`, cascade: false })) } : {}),
            },
          ]),
        ),
      },
    }),
    'package-lock.json': JSON.stringify({ name: 'bench', lockfileVersion: 3, packages: {} }),
    'treadle.config.mjs': `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
const checks = ${JSON.stringify(checks)};
const build = ${JSON.stringify(build)};
export default definePipeline([
  Object.entries(checks).map(([name, { command, inputs }]) => shell(name, command, { inputs })),
  shell('build', build.command, { inputs: build.inputs, outputs: ['dist/**'] }),
]);`,
  };
}
