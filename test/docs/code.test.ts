import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'mocha';
import { makeProject, removeProjects } from '../support/project.ts';
import { type CodeBlock, documents, repository, type Section } from './documents.ts';

// Each section of a document is read as a person reads it: files are written, commands are run, from top to bottom.

const isCode = ({ language }: CodeBlock): boolean => ['ts', 'js', 'json', 'md'].includes(language);
const isShell = ({ language }: CodeBlock): boolean => language === 'sh';
const command = /^npx treadle(?<args>[^#|<>]*)(?:#.*)?$/;

after(removeProjects);

const projects: string[] = [];

describe('the code in documents', () => {
  for (const { file, sections } of documents()) {
    for (const section of sections.filter(({ blocks }) => blocks.some(isCode))) {
      it(`${file} runs: ${section.title}`, async () => {
        projects.push(await follow(section, file));
      });
    }
  }

  it('is correctly typed', () => typeCheck(projects)).timeout(60_000);
});

async function follow({ blocks }: Section, document: string): Promise<string> {
  const root = makeProject({ 'package.json': '{ "name": "my-project", "version": "1.0.0", "type": "module" }\n' });
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(repository, join(root, 'node_modules/treadle'));
  for (const name of ['@types', 'valibot']) symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name));
  let ran = false;
  for (const block of blocks) {
    const place = `${document}:${block.line}`;
    if (isCode(block)) {
      assert.match(block.note, /^[\w./-]+\.(?:ts|js|mjs|json|md)$/, `${place}: say which file this is`);
      mkdirSync(dirname(join(root, block.note)), { recursive: true });
      writeFileSync(join(root, block.note), block.text);
      ran = false;
    } else if (isShell(block)) {
      for (const args of commandsOf(block)) {
        await run([join(repository, 'dist/bin.cjs'), ...args], root, block, place);
        ran = true;
      }
      for (const script of block.text.matchAll(/^node (?<script>[\w./-]+)$/gm)) {
        await run([script.groups?.['script'] ?? ''], root, block, place);
        ran = true;
      }
    }
  }
  const [last] = blocks.filter(isCode).slice(-1);
  if (!ran && last !== undefined) await run([join(repository, 'dist/bin.cjs')], root, last, `${document}:${last.line}`);
  return root;
}

function commandsOf({ text }: CodeBlock): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => command.exec(line)?.groups?.['args'])
    .filter((args) => args !== undefined)
    .map((args) => args.trim().split(/\s+/).filter(Boolean));
}

async function run(args: readonly string[], cwd: string, block: CodeBlock, place: string): Promise<void> {
  const { exitCode, output } = await execute(args, cwd);
  if (block.note === 'fails') assert.notEqual(exitCode, 0, `${place}: this passed and is said to fail\n${output}`);
  else assert.equal(exitCode, 0, `${place}: ${args.slice(1).join(' ')}\n${output}`);
}

function execute(args: readonly string[], cwd: string): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

/** Checks the TypeScript of all projects at once, against the declarations of the build. */
function typeCheck(roots: readonly string[]): void {
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: ['node'],
  };
  const project = makeProject({
    'package.json': '{ "type": "module" }',
    'tsconfig.json': JSON.stringify({
      compilerOptions,
      include: roots,
      exclude: roots.flatMap((root) => [`${root}/node_modules`, `${root}/.treadle`]),
    }),
  });
  symlinkSync(join(repository, 'node_modules'), join(project, 'node_modules'));
  const { status, stdout } = spawnSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', project], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
}
