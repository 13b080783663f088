import assert from 'node:assert/strict';
import { withProject, type CliProject } from './cli.ts';

/** A package.json with two scripts. */
export const manifest = `{\n  "name": "small",\n  "type": "module",\n  "scripts": { "lint": "eslint .", "test": "node --test" }\n}\n`;

/** What `init --yes` wrote into a project of these files. */
export async function written(
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Readonly<Record<string, string>>> {
  return withProject(files, async (project) => {
    const { exitCode, stdout, stderr } = await project.run(['init', '--yes', ...args]);
    assert.equal(exitCode, 0, stderr);
    const names = [...stdout.matchAll(/^(?:wrote|changed) +(\S+)$/gm)].map(([, name = '']) => name);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await project.read(name)] as const)));
  });
}

/** The project can be looked at and its plan is sound, right after `init`. */
export async function assertLoads(project: CliProject): Promise<void> {
  for (const args of [['list'], ['run', '--dry-run']]) {
    const { exitCode, stderr } = await project.run(args);
    assert.equal(exitCode, 0, `${args.join(' ')}: ${stderr}`);
  }
}
