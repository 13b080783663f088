import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';

/**
 * Unpacks Chromium from the npm package, with the libraries and the font that it brings.
 * Not by the package itself: that one uses whatever file named `chromium` lies in the temporary folder.
 *
 * @param packed - the folder `bin` of the package
 */
export async function unpackChromium(packed: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const program = join(folder, 'chromium');
  await decompress(join(packed, 'chromium.br'), program);
  await chmod(program, 0o755);
  for (const name of ['al2023', 'fonts']) {
    const archive = join(folder, `${name}.tar`);
    await decompress(join(packed, `${name}.tar.br`), archive);
    await promisify(execFile)('tar', ['-xf', archive, '-C', folder]);
    await rm(archive);
  }
  // The fonts of the machine too, where there are any; but the same font for the workbench on every machine.
  await writeFile(
    join(folder, 'fonts.conf'),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <match><test name="family"><string>system-ui</string></test><edit name="family" mode="prepend" binding="strong"><string>Open Sans</string></edit></match>
</fontconfig>
`,
  );
}

async function decompress(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}
