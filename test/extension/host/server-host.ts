import { stat } from 'node:fs/promises';
import { startBrowser } from './browser.ts';
import { install } from './install.ts';
import { startServer } from './server.ts';
import type { SuiteHost } from './suite-host.ts';

/** VS Code's server, with its workbench in a headless browser. */
export const serverHost: SuiteHost = {
  name: 'server',
  prepare: async () => void (await install()),
  run: async ({ extension, workspace, module, folder, env, processes, log }) => {
    const installation = await install();
    const { authority } = await startServer(installation, processes, { folder, env, forSuites: true });
    const browser = await startBrowser(installation, processes);
    const page = await browser.newPage();
    const remote = (path: string): string => `vscode-remote://${authority}${path}`;
    const address = new URL(`http://${authority}/`);
    address.searchParams.set((await stat(workspace)).isDirectory() ? 'folder' : 'workspace', workspace);
    address.searchParams.set(
      'payload',
      JSON.stringify([
        ['extensionDevelopmentPath', remote(extension)],
        ['extensionTestsPath', remote(module)],
        ['enableProposedApi', ''],
        ['skipWelcome', 'true'],
      ]),
    );
    const ended = Promise.withResolvers<number>();
    page.once('crash', () => ended.reject(new Error('The page of the workbench crashed.')));
    browser.once('disconnected', () => ended.reject(new Error('The browser has ended.')));
    // The workbench calls these two, by these names, when it was started for tests.
    await page.exposeFunction('codeAutomationLog', (type: unknown, values: unknown) => {
      if (type === 'error') log((Array.isArray(values) ? values : [values]).map(String).join(' '));
    });
    await page.exposeFunction('codeAutomationExit', (code: unknown) => ended.resolve(Number(code)));
    try {
      await page.goto(address.href);
      return await ended.promise;
    } finally {
      await browser.close();
    }
  },
};
