import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TreadleApi } from '../../../extension/src/api.ts';

/** How long a test waits for an event: far beyond what it takes on a busy machine. */
export const patienceMs = 60_000;

/** The interface of the running extension. */
export async function treadle(): Promise<TreadleApi> {
  const found = vscode.extensions.getExtension<TreadleApi>('treadle.treadle');
  assert.ok(found, 'the extension is not there');
  return found.activate();
}

/** Waits until what the extension tells fits, and gives it. */
export async function reaches<T>(api: TreadleApi, what: string, read: (api: TreadleApi) => T, fits: (value: T) => boolean): Promise<T> {
  const first = read(api);
  if (fits(first)) return first;
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(deadline);
      listening.dispose();
    };
    const deadline = setTimeout(() => {
      end();
      reject(new Error(`There was no ${what}. Last seen: ${JSON.stringify(read(api), undefined, 2)}`));
    }, patienceMs);
    const listening = api.onDidChange(() => {
      const value = read(api);
      if (!fits(value)) return;
      end();
      resolve(value);
    });
  });
}
