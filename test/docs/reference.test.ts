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

  for (const [heading, part] of [
    ['Settings of a pipeline', 'pipeline'],
    ['Settings of a step', 'step'],
    ['Settings of a group', 'all'],
  ] as const) {
    it(`has a row for each of the ${heading.toLowerCase()}`, () => {
      const definition = definitions[part] ?? assert.fail(part);
      // What holds the parts rather than describing the whole.
      const own = ['$schema', 'steps', 'uses', 'with', 'all'];
      const named = part === 'step' ? [...own, 'id'] : own;
      assert.deepEqual(
        rowsBelow(heading).toSorted(),
        Object.keys(definition.properties)
          .filter((name) => !named.includes(name))
          .toSorted(),
      );
    });
  }

  it('has a row for each option of the built-in plugins', () => {
    const { stdout } = spawnSync(process.execPath, [join(repository, 'dist/bin.cjs'), 'plugins', '--json'], { encoding: 'utf8' });
    const { plugins }: { plugins: readonly { readonly name: string; readonly options: unknown }[] } = JSON.parse(stdout);
    assert.ok(plugins.length > 5);
    for (const { name, options } of plugins) {
      const rows = rowsBelow(`\`${name}\`: `);
      const all = new Set(optionNames(options));
      // What stands above the table, and with shell what all commands have in common.
      const shared = name === 'assert' ? ['checks'] : name === 'shell' ? [] : ['cwd', 'env'];
      assert.deepEqual(rows.toSorted(), [...all].filter((option) => !shared.includes(option)).toSorted(), name);
    }
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

interface ObjectSchema {
  readonly properties: Readonly<Record<string, unknown>>;
}

const { $defs: definitions }: { readonly $defs: Readonly<Record<string, ObjectSchema>> } = JSON.parse(schema('pipeline.json'));

/** Names in the first column of the table below a heading. */
function rowsBelow(heading: string): readonly string[] {
  const start = reference.search(new RegExp(`^### ${heading}`, 'm'));
  assert.ok(start >= 0, heading);
  const [, section = ''] = /^###.*\n([^]*?)(?=^##)/m.exec(`${reference.slice(start)}\n## `) ?? [];
  return [...section.matchAll(/^\| +(`.*?)\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
}

/** Names of the properties of an object, or of the objects that an option may be. */
function optionNames(options: unknown): readonly string[] {
  if (typeof options !== 'object' || options === null) return [];
  const { anyOf, properties }: { anyOf?: readonly unknown[]; properties?: object } = options;
  return [...(anyOf ?? []).flatMap(optionNames), ...Object.keys(properties ?? {})];
}

function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(/\s/g, '-'),
  );
}
