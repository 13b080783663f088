// Packs the VS Code extension: build/treadle-VERSION.vsix, from what the build left in extension/dist.
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';

/** What the packed extension may weigh, in bytes. */
const largestExtension = 1_500_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'extension');
const { version }: { version: string } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const file = join(root, 'build', `treadle-${version}.vsix`);

mkdirSync(join(root, 'build'), { recursive: true });
copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
// Editors show pictures of the README only from the web; the walkthrough has the same ones. Links lead into the repository.
const readmePath = 'dist/README.md';
writeFileSync(join(folder, readmePath), readFileSync(join(folder, 'README.md'), 'utf8').replaceAll(/^!\[[^\]]*\]\(\.\.[^)]*\)\n\n/gm, ''));
// Everything is bundled, so there are no dependencies to pack.
await createVSIX({ cwd: folder, packagePath: file, readmePath, dependencies: false, allowMissingRepository: true });

const { size } = statSync(file);
console.log(`build/treadle-${version}.vsix: ${size} bytes`);
if (size > largestExtension) throw new Error(`The extension has ${size} bytes; ${largestExtension} are allowed.`);
