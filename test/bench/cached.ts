import { makeFolder, node, treadle, upTo } from './folder.ts';
import { join } from 'node:path';
import { type CommandLine, compare, type Effort, runProcess, type Table } from './measure.ts';
import type { Peers } from './peers.ts';

/** A hundred commands with an input file each, none of which has changed: nothing runs. */
export async function measureCached(effort: Effort, peers: Peers): Promise<Table> {
  const count = 100;
  const names = upTo(count).map((index) => `s${index}`);
  const env = { TURBO_TELEMETRY_DISABLED: '1', NX_TUI: 'false', NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
  const target = (name: string): object => ({
    executor: 'nx:run-commands',
    options: { command: 'true' },
    cache: true,
    inputs: [`{projectRoot}/src/${name}.txt`],
  });
  const cwd = makeFolder(
    {
      ...Object.fromEntries(names.map((name) => [`src/${name}.txt`, name])),
      'package.json': JSON.stringify({
        name: 'bench',
        version: '1.0.0',
        packageManager: 'npm@11.0.0',
        scripts: {
          main: 'wireit',
          ...Object.fromEntries(
            names.flatMap((name) => [
              [name, 'true'],
              [`w_${name}`, 'wireit'],
            ]),
          ),
        },
        wireit: {
          main: { dependencies: names.map((name) => `w_${name}`) },
          ...Object.fromEntries(names.map((name) => [`w_${name}`, { command: 'true', files: [`src/${name}.txt`], output: [] }])),
        },
      }),
      'package-lock.json': JSON.stringify({ name: 'bench', lockfileVersion: 3, packages: {} }),
      'turbo.json': JSON.stringify({
        tasks: Object.fromEntries(names.map((name) => [name, { inputs: [`src/${name}.txt`], outputs: [] }])),
      }),
      'nx.json': '{ "analytics": false }',
      'project.json': JSON.stringify({
        name: 'bench',
        targets: {
          ...Object.fromEntries(names.map((name) => [name, target(name)])),
          main: { executor: 'nx:noop', cache: true, dependsOn: names },
        },
      }),
      'treadle.config.mjs': `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([Array.from({ length: ${count} }, (_, index) => shell('s' + index, 'true', { inputs: ['src/s' + index + '.txt'] }))]);`,
    },
    peers.modules,
  );
  const contender = (name: string, file: string, ...args: string[]): Parameters<typeof compare>[2][number] => {
    const line: CommandLine = { file, args, cwd, env };
    return { name, run: async () => (await runProcess(line)).ms };
  };
  const contenders = [
    contender('treadle', node, treadle, 'run', '--reporter', 'line'),
    contender('wireit', node, '--run', 'main'),
    contender('turbo', peers.bin('turbo'), 'run', ...names),
    contender('nx', node, join(peers.modules, 'nx/dist/bin/nx.js'), 'run', 'bench:main'),
  ];
  // What is not in a cache yet gets there.
  for (const { run, name } of contenders) await run().catch((error: unknown) => console.error(`${name}: ${String(error)}`));
  return compare(
    effort,
    { id: 'cached', title: `${count} cached commands, nothing changed: the whole process`, unit: 'ms', base: 'treadle' },
    contenders,
  );
}
