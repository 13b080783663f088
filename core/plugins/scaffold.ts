import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { isBuiltIn } from './built-ins.ts';
import { errorCode } from '../files/own-files.ts';
import { isInside } from '../files/project-path.ts';
import { readManifest } from './package-entry.ts';

export interface ScaffoldOptions {
  /** The project's folder, absolute. */
  readonly root: string;
  /** Name of the new plugin: of its file, and for `uses`. */
  readonly name: string;
  /** Folder of the project's plugins. Default: `plugins`. */
  readonly folder?: string;
}

/**
 * Writes a new plugin, a pipeline that uses it, and a test that runs that pipeline.
 *
 * @returns The files, absolute, in the order in which they are worth reading.
 * @throws `E_USAGE` when the name cannot be one or a file exists already; then nothing is written.
 */
export async function scaffoldPlugin({ root, name, folder = 'plugins' }: ScaffoldOptions): Promise<{ files: string[] }> {
  checkName(name);
  if (!isInside(root, resolve(root, folder))) throw new TreadleError('E_PATH_OUTSIDE', `The folder "${folder}" lies outside the project.`);
  const folderPath = folder.replaceAll('\\', '/').replace(/\/+$/, '');
  const plugin = posix.join(folderPath, `${name}.ts`);
  const pipeline = `test/plugins/${name}/treadle.config.ts`;
  // Node runs it as it is: as `.ts` it would be a CommonJS module where the manifest says so, as that of `npm init -y` does.
  const test = `test/plugins/${name}.test.${readManifest(root)?.type === 'commonjs' ? 'mts' : 'ts'}`;
  const taken = ['ts', 'mts', 'js', 'mjs'].map((extension) => posix.join(folderPath, `${name}.${extension}`));
  for (const file of [...taken, posix.join(folderPath, name), pipeline, test]) {
    if (existsSync(resolve(root, file))) throw exists(file);
  }
  const texts = [
    [plugin, pluginText(schemaLibrary(root))],
    [pipeline, pipelineText(name, `../../../${plugin}`)],
    [test, testText(name)],
  ] as const;
  const files: string[] = [];
  for (const [file, text] of texts) files.push(await write(root, file, text));
  return { files };
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) {
    throw new TreadleError('E_USAGE', `"${name}" cannot be the name of a plugin.`, {
      hint: 'Use small letters, digits and single dashes, beginning with a letter, such as check-links.',
    });
  }
  if (isBuiltIn(name)) throw new TreadleError('E_USAGE', `"${name}" is a built-in plugin.`, { hint: 'Choose another name.' });
}

async function write(root: string, file: string, text: string): Promise<string> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    throw errorCode(error) === 'EEXIST' ? exists(file) : error;
  }
  return path;
}

function exists(file: string): TreadleError {
  return new TreadleError('E_USAGE', `${file} exists already.`, { hint: 'Choose another name, or remove it first.' });
}

interface SchemaLibrary {
  readonly import: string;
  readonly schema: string;
}

/** How to write a schema with the library that the project has. */
function schemaLibrary(root: string): SchemaLibrary | undefined {
  const manifest = readManifest(root);
  const listed = new Set(
    [manifest?.dependencies, manifest?.devDependencies].flatMap((list) =>
      typeof list === 'object' && list !== null ? Object.keys(list) : [],
    ),
  );
  if (listed.has('zod')) return { import: "import * as z from 'zod';", schema: "z.object({ who: z.string().default('world') })" };
  if (listed.has('valibot'))
    return { import: "import * as v from 'valibot';", schema: "v.object({ who: v.optional(v.string(), 'world') })" };
  if (listed.has('arktype')) return { import: "import { type } from 'arktype';", schema: `type({ who: "string = 'world'" })` };
  return undefined;
}

function pluginText(library: SchemaLibrary | undefined): string {
  const body = (who: string): string => `    context.updateStepProgress(50, 'thinking of a greeting');
    context.results.greeting = \`hello \${${who}}\`;
`;
  if (library === undefined) {
    return `import { definePlugin } from 'treadle';

interface Options {
  readonly who?: string;
}

export default definePlugin({
  description: 'Says hello',
  // To have options checked before a run, set \`options\` to a schema of zod, valibot, arktype or the like.
  async run(context, options: Options | undefined) {
${body("options?.who ?? 'world'")}  },
});
`;
  }
  return `import { definePlugin } from 'treadle';
${library.import}

export default definePlugin({
  description: 'Says hello',
  options: ${library.schema},
  async run(context, options) {
${body('options.who')}  },
});
`;
}

function pipelineText(name: string, path: string): string {
  return `import { definePipeline } from 'treadle';
import ${variable(name)} from '${path}';

export default definePipeline([${variable(name)}('${name}', { who: 'test' })]);
`;
}

function testText(name: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngine } from 'treadle';

test('${name} greets', async () => {
  const engine = await createEngine({ cwd: \`\${import.meta.dirname}/${name}\` });
  try {
    const { status, results } = await engine.start().result;
    assert.equal(status, 'passed');
    assert.equal(results.greeting, 'hello test');
  } finally {
    await engine.close();
  }
});
`;
}

function variable(name: string): string {
  const camel = name.replaceAll(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
  return reserved.has(camel) ? `${camel}Plugin` : camel;
}

// prettier-ignore
const reserved = new Set([
  'arguments', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete', 'do', 'else', 'enum', 'eval', 'export',
  'extends', 'false', 'finally', 'for', 'function', 'if', 'implements', 'import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'package',
  'private', 'protected', 'public', 'return', 'static', 'super', 'switch', 'this', 'throw', 'true', 'try', 'typeof', 'var', 'void', 'while', 'with', 'yield',
]);
