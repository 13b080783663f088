import * as vscode from 'vscode';

/**
 * Calls back once the window has taken everything that was sent to it. It takes messages in order, and each state of a test is two of
 * them: those of thousands, sent at once, would hold up everything that the sidebar has to say, for seconds.
 */
export async function afterWindow(callback: () => void): Promise<void> {
  // It answers this one, which changes nothing. A window that is closing need not.
  await Promise.allSettled([vscode.commands.executeCommand('setContext', 'treadle.told', true)]);
  callback();
}
