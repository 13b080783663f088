import { delimiter, dirname } from 'node:path';
import type { NodeChoice } from './find-node.ts';

/**
 * The environment of an engine: the editor's own, without what belongs to the editor alone, so that steps find what
 * they would find in a terminal; then the settings' (`treadle.env`), which may also remove a variable by `null`.
 */
export function engineEnvironment(
  editor: NodeJS.ProcessEnv,
  node: NodeChoice,
  settings: { readonly [name: string]: string | null },
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(editor))
    if (!/^(?:VSCODE_|ELECTRON_|CHROME_|APPLICATION_INSIGHTS_)/.test(name)) env[name] = value;
  for (const [name, value] of Object.entries(node.env)) setVariable(env, name, value);
  const path = variableName(env, 'PATH');
  const folder = dirname(node.path);
  const isEditor = 'ELECTRON_RUN_AS_NODE' in node.env;
  if (!isEditor && env[path]?.split(delimiter).includes(folder) !== true) env[path] = [folder, env[path] ?? ''].join(delimiter);
  for (const [name, value] of Object.entries(settings)) setVariable(env, name, value ?? undefined);
  return env;
}

function setVariable(env: NodeJS.ProcessEnv, name: string, value: string | undefined): void {
  const own = variableName(env, name);
  if (value === undefined) delete env[own];
  else env[own] = value;
}

/** Windows spells it Path, and does not tell case apart. */
function variableName(env: NodeJS.ProcessEnv, name: string): string {
  return process.platform === 'win32' ? (Object.keys(env).find((key) => key.toUpperCase() === name.toUpperCase()) ?? name) : name;
}
