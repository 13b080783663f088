import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { documents, repository } from './documents.ts';

const manifest: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
/** Commands of npm itself, and what its scripts are called. */
const ownCommands = ['scripts', 'ci', 'init', 'install', 'pack', 'i'];
/** Folders of this repository, whose names begin a path. */
const folders = ['core', 'plugins', 'docs', 'test', 'scripts', 'fixtures', 'dist'];

for (const { file, text } of documents()) {
  describe(`names in ${file}`, () => {
    it('links lead to files', () => {
      // Code holds links of its own.
      const links = [...text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/\]\((?!https?:|#)(?<path>[^)#\s]+)/g)].map(
        ({ groups }) => groups?.['path'] ?? '',
      );
      assert.deepEqual(
        links.filter((path) => !existsSync(join(repository, dirname(file), path))),
        [],
      );
    });

    // Other documents name scripts of the reader's own project.
    if (!['docs/migrating.md', 'docs/faq.md'].includes(file)) {
      it('scripts of npm exist', () => {
        const used = [...text.matchAll(/\bnpm (?:run )?(?<script>[a-z][\w:-]*)/g)].map(({ groups }) => groups?.['script'] ?? '');
        assert.deepEqual(
          used.filter((script) => !ownCommands.includes(script) && manifest.scripts[script] === undefined && script !== 'run'),
          [],
        );
      });
    }

    // Other documents name files of the reader's own project.
    if (file === 'ARCHITECTURE.md' || file === 'CONTRIBUTING.md') {
      it('files exist', () => {
        const named = [...text.matchAll(/`(?<path>[\w.-]+(?:\/[\w.-]+)*\/?)`/g)].map(({ groups }) => groups?.['path'] ?? '');
        const paths = named.filter((path) => folders.includes(path.split('/')[0] ?? '') || /^[\w-]+\.(?:ts|mjs|json|md)$/.test(path));
        assert.ok(paths.length > 5);
        assert.deepEqual(
          paths.filter((path) => !existsSync(join(repository, path))),
          [],
        );
      });
    }
  });
}
