// Collects the licences of the packages that the build bundles, as those licences ask.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes THIRD-PARTY-NOTICES.txt into a folder. That folder and `inputs`, the bundled files, are relative to `root`. */
export function writeNotices(root: string, folder: string, inputs: readonly string[]): void {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  if (folders.size === 0) return;
  const notices = [...folders].toSorted().map((folder) => notice(join(root, folder)));
  const text = `Treadle's files contain code of these packages:\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`;
  writeFileSync(join(root, folder, 'THIRD-PARTY-NOTICES.txt'), text);
}

function packageFolder(input: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author?: string | { readonly name: string };
}

function notice(folder: string): string {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((name) => /^licen[cs]e(?:\.\w+)?$/i.test(name));
  const { author } = manifest;
  // Some packages name their licence and ship no text of it.
  const text =
    file === undefined ? `By ${typeof author === 'object' ? author.name : author}.` : readFileSync(join(folder, file), 'utf8').trim();
  return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text}\n`;
}
