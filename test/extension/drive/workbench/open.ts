import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser } from '../../host/browser.ts';
import { install } from '../../host/install.ts';
import { trackProcesses, type Processes } from '../../host/processes.ts';
import { startServer } from '../../host/server.ts';
import type { LiveProcess } from '../../../support/processes.ts';
import { changeSettings } from './workspace-settings.ts';

/** How to open a workbench. */
export interface WorkbenchOptions {
  /** Folder or `*.code-workspace` file. */
  readonly workspace: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether folders are trusted without asking. Default: true. */
  readonly trusted?: boolean;
}

/** A workbench with the packed extension installed, and a person in front of it. */
export interface Workbench {
  readonly page: Page;
  /** What the editor and everything below it runs. */
  readonly processes: Pick<Processes, 'living'>;
  /** Changes settings of the workspace: the editor does not watch those of the user. */
  change(settings: Readonly<Record<string, unknown>>): Promise<void>;
  /** Closes the window, as a person does: the server and its extension host go on for a while. */
  closeWindow(): Promise<void>;
  /** Ends everything, and gives what did not end by itself within 8 s. */
  close(): Promise<readonly LiveProcess[]>;
}

/** The variable that names the VSIX under test. */
export const vsixVariable = 'TREADLE_TEST_VSIX';
/** As large as a small notebook's, so that lists show some thirty rows. */
const viewport = { width: 1280, height: 860 };

/** Opens a workbench and waits until it can be used. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const vsix = process.env[vsixVariable];
  if (vsix === undefined) throw new Error(`${vsixVariable} names no VSIX: start these tests with node test/extension/run.ts drive`);
  const installation = await install();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'treadle-code-')));
  const processes = trackProcesses();
  const close = async (): Promise<readonly LiveProcess[]> => {
    const left = await processes.end();
    await rm(folder, { recursive: true, force: true });
    return left;
  };
  try {
    const server = await startServer(installation, processes, { ...options, folder, vsix });
    const browser = await startBrowser(installation, processes);
    const page = await browser.newPage({ viewport });
    await page.goto(
      `http://${server.authority}/?${options.workspace.endsWith('.code-workspace') ? 'workspace' : 'folder'}=${encodeURIComponent(options.workspace)}`,
    );
    // Thirty times what it takes on an idle machine.
    await page.locator('.monaco-workbench .activitybar').waitFor({ timeout: 90_000 });
    return {
      page,
      processes,
      change: (settings) => changeSettings(options.workspace, settings),
      closeWindow: () => page.close(),
      close: async () => {
        await browser.close();
        return close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
