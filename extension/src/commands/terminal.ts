import * as vscode from 'vscode';

/** Runs a program in a terminal that the person sees, and resolves to its exit code; `undefined` when it was closed before. */
export async function runInTerminal(
  name: string,
  [program, ...args]: readonly [string, ...string[]],
  cwd: string,
): Promise<number | undefined> {
  // With arguments of their own, the editor quotes them as the person's shell needs.
  return runTask(name, new vscode.ShellExecution(program, args, { cwd }));
}

/** The same without a shell, for a program whose path is known. */
export async function runProgram(
  name: string,
  program: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<number | undefined> {
  const defined = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return runTask(name, new vscode.ProcessExecution(program, [...args], { cwd, env: defined }));
}

async function runTask(name: string, execution: vscode.ShellExecution | vscode.ProcessExecution): Promise<number | undefined> {
  const task = new vscode.Task({ type: 'treadle-terminal' }, vscode.TaskScope.Workspace, name, 'Treadle', execution, []);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  const running = await vscode.tasks.executeTask(task);
  return new Promise((resolve) => {
    const subscriptions = [
      vscode.tasks.onDidEndTaskProcess(({ execution: ended, exitCode }) => {
        if (ended === running) finish(exitCode);
      }),
      vscode.tasks.onDidEndTask(({ execution: ended }) => {
        if (ended === running) finish(undefined);
      }),
    ];
    const finish = (exitCode: number | undefined) => {
      for (const subscription of subscriptions) subscription.dispose();
      resolve(exitCode);
    };
  });
}
