// Packs the VS Code extension: build/treadle-VERSION.vsix, from what the build left in extension/dist.
// --pictures URL: the address of the folder docs on the web, for the pictures of the README.
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';

/** What the packed extension may weigh, in bytes. */
const largestExtension = 1_500_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'extension');
const { version }: { version: string } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const file = join(root, 'build', `treadle-${version}.vsix`);

mkdirSync(join(root, 'build'), { recursive: true });
copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
// Marketplaces and editors show pictures of the README only from the web, and vsce refuses all others: without an address they are left
// out. The walkthrough has the same ones.
const { pictures } = parseArgs({ options: { pictures: { type: 'string' } } }).values;
const readmePath = 'dist/README.md';
const readme = readFileSync(join(folder, 'README.md'), 'utf8');
writeFileSync(
  join(folder, readmePath),
  pictures === undefined
    ? readme.replaceAll(/^!\[[^\]]*\]\(\.\.[^)]*\)\n\n/gm, '')
    : readme.replaceAll('](../docs/', `](${pictures.replace(/\/$/, '')}/`),
);
// Everything is bundled, so there are no dependencies to pack.
await createVSIX({ cwd: folder, packagePath: file, readmePath, dependencies: false, allowMissingRepository: true });

const { size } = statSync(file);
console.log(`build/treadle-${version}.vsix: ${size} bytes`);
if (size > largestExtension) throw new Error(`The extension has ${size} bytes; ${largestExtension} are allowed.`);
