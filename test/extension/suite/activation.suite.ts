import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';

const extension = (): vscode.Extension<{ readonly version: number }> => {
  const found = vscode.extensions.getExtension<{ readonly version: number }>('treadle.treadle');
  assert.ok(found, 'the extension is not there');
  return found;
};

describe('activation', () => {
  it('happens by itself in a folder with a pipeline file', async () => {
    // Activation events are handled some time after the window opened; asking for one of the extension's views waits for them.
    await vscode.commands.executeCommand('treadle.pipelines.focus');
    assert.equal(extension().isActive, true);
  });

  it('gives other extensions an interface with a version', async () => {
    const { version } = await extension().activate();
    assert.equal(version, 1);
  });

  it('registers every command that the manifest names', async () => {
    const { contributes }: { contributes: { commands: readonly { readonly command: string }[] } } = extension().packageJSON;
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      contributes.commands.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
  });
});
