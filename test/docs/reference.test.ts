import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { errorCodes } from '../../core/index.ts';
import { documents, repository } from './documents.ts';

const reference = readFileSync(join(repository, 'docs/reference.md'), 'utf8');

/** What a JSON Schema of the package says. */
function schema(name: string): string {
  return readFileSync(join(repository, 'dist/schema', name), 'utf8');
}

describe('the reference', () => {
  it('lists every error code with its exit code, and no other', () => {
    const rows = [...reference.matchAll(/^\| `(E_\w+)` +\| (\d) +\|/gm)].map(([, code, exitCode]) => `${code} ${exitCode}`);
    assert.deepEqual(
      rows,
      Object.entries(errorCodes).map(([code, { exitCode }]) => `${code} ${exitCode}`),
    );
  });

  it('shows the help that the command line prints', () => {
    const [, help] = /^```text help\n([\s\S]*?)^```$/m.exec(reference) ?? [];
    const { stdout } = spawnSync(process.execPath, [join(repository, 'dist/bin.cjs'), '--help'], { encoding: 'utf8' });
    assert.equal(help?.trim(), stdout.trim());
  });

  it('lists every event, and no other', () => {
    const types = new Set([...schema('events.json').matchAll(/"const": ?"((?:run|group|step|watch):\w+)"/g)].map(([, type]) => type));
    assert.ok(types.size > 10);
    const rows = [...reference.matchAll(/^\| `((?:run|group|step|watch):\w+)`/gm)].map(([, type]) => type);
    assert.deepEqual(rows.toSorted(), [...types].toSorted());
  });

  it('is linked to by headings that exist', () => {
    const anchors = new Map(documents().map(({ file, text }) => [file, anchorsOf(text)]));
    for (const { file, text } of documents()) {
      for (const [, target = '', anchor = ''] of text.matchAll(/\]\((?!https?:)([^)\s#]*)#([\w-]+)\)/g)) {
        const document = target === '' ? file : join(dirname(file), target);
        assert.ok(anchors.get(document)?.includes(anchor), `${file} links to ${document}#${anchor}`);
      }
    }
  });
});

function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(/\s/g, '-'),
  );
}
