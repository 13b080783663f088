import { desktopHost, hasDisplay } from './desktop-host.ts';
import { serverHost } from './server-host.ts';
import type { SuiteHost } from './suite-host.ts';

const address = 'https://update.code.visualstudio.com/api/releases/stable';
/** How long VS Code's update server has for its answer. */
const patienceMs = 3000;

/**
 * The editor that `TREADLE_VSCODE_HOST` names (`desktop` or `server`), ready to run. Else the desktop where it can be downloaded and shown,
 * and VS Code's server in a headless browser where it cannot: that one comes from the npm registry.
 */
export async function chooseHost(): Promise<SuiteHost> {
  const wanted = process.env['TREADLE_VSCODE_HOST'];
  if (wanted !== undefined && wanted !== 'desktop' && wanted !== 'server') {
    throw new Error(`TREADLE_VSCODE_HOST is "${wanted}": it must be "desktop" or "server".`);
  }
  if (wanted === 'desktop' || (wanted === undefined && hasDisplay() && (await canDownload()))) {
    try {
      await desktopHost.prepare();
      return desktopHost;
    } catch (error) {
      if (wanted === 'desktop') throw error;
      console.error(`VS Code for the desktop cannot be had (${String(error)}): its server is used.`);
    }
  }
  await serverHost.prepare();
  return serverHost;
}

async function canDownload(): Promise<boolean> {
  try {
    return (await fetch(address, { signal: AbortSignal.timeout(patienceMs) })).ok;
  } catch {
    return false;
  }
}
