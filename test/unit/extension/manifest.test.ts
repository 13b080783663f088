import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../extension', import.meta.url));
const read = (file: string): string => readFileSync(`${folder}/${file}`, 'utf8');
const manifestText = read('package.json');

interface Manifest {
  readonly version: string;
  readonly files: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly menus: { readonly [menu: string]: readonly { readonly command: string; readonly when: string }[] };
    readonly keybindings: readonly {
      readonly command: string;
      readonly key: string;
      readonly when: string;
      readonly args?: { readonly commands: readonly string[] };
    }[];
    readonly configuration: { readonly properties: { readonly [name: string]: unknown } };
    readonly viewsWelcome: readonly { readonly contents: string; readonly when: string }[];
  };
}
const manifest: Manifest = JSON.parse(manifestText);
const texts: { readonly [key: string]: string } = JSON.parse(read('package.nls.json'));
const sources = globSync('src/**/*.ts', { cwd: folder }).map(read).join('\n');
const commands = manifest.contributes.commands.map(({ command }) => command);

describe("the extension's manifest", () => {
  it('has all of its texts, and no others', () => {
    const named = new Set(Array.from(manifestText.matchAll(/"%([^%"]+)%"/g), ([, key]) => key));
    assert.deepEqual([...named].toSorted(), Object.keys(texts).toSorted());
  });

  it('names in menus, keys and texts only commands that it declares', () => {
    const { menus, keybindings } = manifest.contributes;
    const bound = keybindings.filter(({ command }) => command !== 'runCommands');
    const used = [...Object.values(menus).flat(), ...bound].map(({ command }) => command);
    const linked = Object.values(texts).flatMap((text) =>
      Array.from(text.matchAll(/\(command:(treadle\.[\w.]+)/g), ([, command]) => command ?? ''),
    );
    const views = ['treadle.pipelines.focus', 'treadle.runs.focus'];
    assert.deepEqual(
      [...used, ...linked].filter((command) => !commands.includes(command) && !views.includes(command)),
      [],
    );
  });

  it('declares only commands that something registers', () => {
    assert.deepEqual(
      commands.filter((command) => !sources.includes(`'${command}'`)),
      [],
    );
  });

  it('hides commands that need a row from the palette', () => {
    const rowOnly = Object.entries(manifest.contributes.menus)
      .filter(([menu]) => menu === 'view/item/context')
      .flatMap(([, entries]) => entries.map(({ command }) => command));
    const palette = manifest.contributes.menus['commandPalette'] ?? [];
    const everywhere = ['treadle.runFailed', 'treadle.reload', 'treadle.restartEngine', 'treadle.newPlugin', 'treadle.showTimeline'];
    const shown = rowOnly.filter((command) => !palette.some((entry) => entry.command === command && entry.when === 'false'));
    assert.deepEqual([...new Set(shown)].toSorted(), everywhere.toSorted());
  });

  it('binds keys only where its views have the focus', () => {
    for (const { when } of manifest.contributes.keybindings) assert.match(when, /^focusedView == treadle\.\w+(?: && listFocus)?$/);
  });

  it('makes keys work on the row that has the focus, and shows them in menus', () => {
    const { keybindings } = manifest.contributes;
    const shown = keybindings.filter(({ command }) => command !== 'runCommands');
    // A second rule for each, as menus show only keys that are bound to the command itself.
    assert.deepEqual(
      keybindings.flatMap(({ key, args, when }) => (args === undefined ? [] : [`${key} ${args.commands.join(' ')} ${when}`])),
      shown.map(({ key, command, when }) => `${key} treadle.selectForKey list.selectAndPreserveFocus ${command} ${when} && listFocus`),
    );
  });

  it('declares only settings that something reads', () => {
    const names = Object.keys(manifest.contributes.configuration.properties).map((name) => name.replace('treadle.', ''));
    const read = new Set(Array.from(sources.matchAll(/\bget(?:<[^>]*>)?\(\s*'([\w.]+)'/g), ([, name]) => name));
    assert.deepEqual(
      names.filter((name) => !read.has(name)),
      [],
    );
  });

  it('names settings that the README tells, all of them', () => {
    const told = Array.from(read('README.md').matchAll(/^\| `(treadle\.[\w.]+)`/gm), ([, name]) => name);
    assert.deepEqual(told.toSorted(), Object.keys(manifest.contributes.configuration.properties).toSorted());
  });

  it('offers commands that the README tells, all of them', () => {
    const { menus } = manifest.contributes;
    const hidden = new Set(menus['commandPalette']?.flatMap(({ command, when }) => (when === 'false' ? [command] : [])));
    const offered = manifest.contributes.commands.filter(({ command }) => !hidden.has(command));
    const titles = offered.map(({ title }) => texts[title.slice(1, -1)] ?? title);
    const readme = read('README.md');
    assert.ok(titles.length > 15);
    assert.deepEqual(
      titles.filter((title) => !readme.includes(`_${title}_`)),
      [],
    );
  });

  it('names files that are there and are packed', () => {
    const named = Array.from(manifestText.matchAll(/"(?:\.\/)?((?:media|snippets)\/[^"]+\.\w+)"/g), ([, file]) => file ?? '');
    assert.ok(named.length > 15);
    assert.deepEqual(
      named.filter((file) => !existsSync(`${folder}/${file}`)),
      [],
    );
    const isPacked = (file: string): boolean => manifest.files.some((packed) => file === packed || file.startsWith(`${packed}/`));
    assert.deepEqual(
      named.filter((file) => !isPacked(file)),
      [],
    );
  });

  it('has the version of the package that it is built with', () => {
    const { version }: { version: string } = JSON.parse(read('../package.json'));
    assert.equal(manifest.version, version);
  });
});
