import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the page of a report consists of besides its data. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

/** The page's script and style: as the build made them, or made here where Treadle runs from its sources. */
export async function readPageFiles(): Promise<PageFiles> {
  const here = import.meta.url;
  if (!here.endsWith('/core/reporters/html/page-files.ts')) {
    const read = (name: string): string => readFileSync(new URL(name, here), 'utf8');
    return { script: read('./report.js'), style: read('./report.css') };
  }
  const { buildSync } = await import('esbuild');
  const build = (file: string): string => {
    const { outputFiles } = buildSync({
      entryPoints: [fileURLToPath(new URL(`./page/${file}`, here))],
      ...{ bundle: true, write: false, minify: true, platform: 'browser', format: 'iife', target: 'es2022', legalComments: 'none' },
    });
    return outputFiles[0]?.text ?? '';
  };
  return { script: build('main.ts'), style: build('report.css') };
}
