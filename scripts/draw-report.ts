// Draws docs/images/report.png: the HTML report about a run in which everything happens that reports show.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createReporter } from '../core/reporters/html/html.ts';
import { startBrowser } from '../test/extension/host/browser.ts';
import { install } from '../test/extension/host/install.ts';
import { trackProcesses } from '../test/extension/host/processes.ts';
import { recordedRun, recordedSource } from '../test/support/recorded-run.ts';
import { report } from '../test/support/reported.ts';

const folder = mkdtempSync(join(tmpdir(), 'treadle-picture-'));
mkdirSync(join(folder, 'src'));
writeFileSync(join(folder, 'src/price.js'), recordedSource);
const file = join(folder, 'report.html');
writeFileSync(file, await report(createReporter, recordedRun, { cwd: folder }));

const processes = trackProcesses();
const browser = await startBrowser(await install(), processes);
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 640 }, colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(`${pathToFileURL(file).href}#price`);
  await page.getByRole('heading', { name: 'price' }).waitFor();
  await page.screenshot({ path: join(import.meta.dirname, '../docs/images/report.png') });
} finally {
  await browser.close();
  await processes.end();
  rmSync(folder, { recursive: true });
}
