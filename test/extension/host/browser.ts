import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { environment } from './environment.ts';
import type { Installation } from './install.ts';
import type { Processes } from './processes.ts';

const args = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** What Chromium needs of the machine beyond its own package, by library, as Debian and Ubuntu name the packages. */
const packages: Readonly<Record<string, string>> = {
  'libgcc_s.so.1': 'libgcc-s1',
  'libnss3.so': 'libnss3',
  'libnssutil3.so': 'libnss3',
  'libnspr4.so': 'libnspr4',
  'libexpat.so.1': 'libexpat1',
};

/**
 * Starts a headless Chromium: the one that `TREADLE_CHROMIUM` names, else the one of the installation, else Chrome where the machine has it.
 */
export async function startBrowser({ chromium: folder }: Installation, processes: Processes): Promise<Browser> {
  const own = process.env['TREADLE_CHROMIUM'];
  const env = { ...environment(), ...processes.env };
  try {
    // Containers and CI machines often cannot give Chromium the rights that its sandbox needs; it opens our own server only.
    const common = { headless: true, chromiumSandbox: false, args };
    if (own !== undefined) return await chromium.launch({ ...common, executablePath: own, env });
    if (folder === undefined) return await chromium.launch({ ...common, channel: 'chrome', env });
    return await chromium.launch({
      ...common,
      executablePath: join(folder, 'chromium'),
      // Its own libraries: a machine without a desktop lacks them.
      env: { ...env, LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
    });
  } catch (error) {
    throw new Error(explain(String(error), own ?? folder), { cause: error });
  }
}

function explain(text: string, program: string | undefined): string {
  const missing = [...text.matchAll(/([\w.+-]+\.so[.\d]*): cannot open shared object file/g)].map(([, library = '']) => library);
  if (missing.length > 0) {
    const needed = [...new Set(missing.map((library) => packages[library]))].filter((name) => name !== undefined);
    const remedy =
      needed.length > 0 ? `On Debian and Ubuntu: apt-get install -y ${needed.join(' ')}` : 'Install the packages that have them';
    return `Chromium cannot start: this machine lacks ${missing.join(', ')}. ${remedy}, or set TREADLE_CHROMIUM to a browser that starts.`;
  }
  if (program === undefined) return `The tests need Chrome on this machine. Install it, or set TREADLE_CHROMIUM to a Chromium. (${text})`;
  return `Chromium (${program}) cannot start. Set TREADLE_CHROMIUM to a browser that starts. ${text}`;
}
