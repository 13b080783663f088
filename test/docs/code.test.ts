import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'mocha';
import { ciCommands } from '../support/ci-commands.ts';
import { baseEnvironment } from '../support/cli.ts';
import { makeProject, removeProjects } from '../support/project.ts';
import { type CodeBlock, documents, repository, type Section } from './documents.ts';

// Each section of a document is read as a person reads it: files are written, commands are run, from top to bottom. Files
// of CI systems run what they would run there.

const isCode = ({ language }: CodeBlock): boolean => ['ts', 'js', 'json', 'md'].includes(language);
/** A file of a CI system; a block of YAML without a name is a part of one. */
const isCiFile = ({ language, note }: CodeBlock): boolean => note !== '' && ['yaml', 'groovy'].includes(language);
const isShell = ({ language }: CodeBlock): boolean => language === 'sh';
const command = /^npx treadle(?<args>[^#|<>]*)(?:#.*)?$/;

after(removeProjects);

const projects: string[] = [];

describe('the code in documents', () => {
  for (const { file, sections } of documents()) {
    const [first] = sections.filter(({ blocks }) => blocks.some(isCode));
    for (const section of sections.filter(({ blocks }) => blocks.some((block) => isCode(block) || isCiFile(block)))) {
      it(`${file} runs: ${section.title}`, async () => {
        // Sections that only hold files of CI systems are about the project that the document begins with.
        const project = section.blocks.some(isCode) ? [] : (first?.blocks.filter(isCode) ?? []);
        projects.push(await follow({ ...section, blocks: [...project, ...section.blocks] }, file));
      });
    }
  }

  it('is YAML that can be read', () => {
    for (const { file, sections } of documents()) {
      for (const block of sections.flatMap(({ blocks }) => blocks).filter(({ language }) => language === 'yaml'))
        knownCommands(block, `${file}:${block.line}`);
    }
  });

  it('is correctly typed', () => typeCheck(projects)).timeout(60_000);
});

async function follow({ blocks }: Section, document: string): Promise<string> {
  const root = makeProject({ 'package.json': '{ "name": "my-project", "version": "1.0.0", "type": "module" }\n' });
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(repository, join(root, 'node_modules/treadle'));
  for (const name of ['@types', 'valibot', '.bin']) symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name));
  let ran = false;
  for (const block of blocks) {
    const place = `${document}:${block.line}`;
    if (isCode(block)) {
      assert.match(block.note, /^[\w./-]+\.(?:ts|js|mjs|json|md)$/, `${place}: say which file this is`);
      mkdirSync(dirname(join(root, block.note)), { recursive: true });
      writeFileSync(join(root, block.note), block.text);
      ran = false;
    } else if (isCiFile(block)) {
      if (!existsSync(join(root, '.git'))) makeRepository(root);
      for (const args of commandsOf({ ...block, text: knownCommands(block, place).join('\n') })) {
        await run([join(repository, 'dist/bin.cjs'), ...args], root, block, place);
        ran = true;
      }
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

/** The commands of a CI file: those of Treadle, and what CI systems and package managers do themselves. */
function knownCommands({ language, text }: CodeBlock, place: string): readonly string[] {
  const lines = ciCommands(language, text, place);
  for (const line of lines) assert.match(line, /^npx treadle\b|^npm (?:ci|install .+)$|^npx playwright install /, place);
  return lines;
}

/** What a CI system checks out. */
function makeRepository(root: string): void {
  const git = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('git', ['-c', 'user.name=CI', '-c', 'user.email=ci@example.org', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  };
  writeFileSync(join(root, '.gitignore'), 'node_modules\n');
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Begin');
}

function commandsOf({ text }: CodeBlock): readonly (readonly string[])[] {
  return (
    text
      .split('\n')
      .map((line) => command.exec(line)?.groups?.['args'])
      .filter((args) => args !== undefined)
      .map((args) => args.trim().split(/\s+/).filter(Boolean))
      // It asks, and this reader only wants to look.
      .map((args) => (args.join(' ') === 'init' ? ['init', '--dry-run'] : args))
  );
}

async function run(args: readonly string[], cwd: string, block: CodeBlock, place: string): Promise<void> {
  const { exitCode, output } = await execute(args, cwd);
  if (block.note === 'fails') assert.notEqual(exitCode, 0, `${place}: this passed and is said to fail\n${output}`);
  else assert.equal(exitCode, 0, `${place}: ${args.slice(1).join(' ')}\n${output}`);
}

function execute(args: readonly string[], cwd: string): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd, env: baseEnvironment() }, (_error, stdout, stderr) => {
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
