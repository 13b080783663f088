// Collects what the VS Code extension says, for translators: extension/l10n/bundle.l10n.json. A translation is a copy of it named
// bundle.l10n.LANGUAGE.json, beside a copy of extension/package.nls.json.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../extension', import.meta.url));
/** The file with all texts, each under itself. */
export const textsFile = join(folder, 'l10n/bundle.l10n.json');

/** What the sources pass to the function that looks a text up, which is called `t` or `translate`. Throws where that is no plain text. */
export function textsOfSources(): Readonly<Record<string, string>> {
  const found = new Set<string>();
  for (const file of globSync('src/**/*.ts', { cwd: folder })) {
    const source = readFileSync(join(folder, file), 'utf8');
    for (const { 1: argument = '' } of source.matchAll(
      /(?<![\w'.]|function )(?:t|translate|vscode\.l10n\.t)\(\s*('(?:[^'\\]|\\.)*'|[^\s)][^,)]*)/g,
    )) {
      if (!argument.startsWith("'")) throw new Error(`${file} looks up ${argument}, which translators cannot see.`);
      found.add(argument.slice(1, -1).replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign)));
    }
  }
  return Object.fromEntries([...found].toSorted().map((text) => [text, text]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(folder, 'l10n'), { recursive: true });
  writeFileSync(textsFile, `${JSON.stringify(textsOfSources(), undefined, 2)}\n`);
}
