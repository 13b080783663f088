/** The built-in plugins: their names, and what their module exports them as. A list, so that looking a name up loads nothing. */
export const builtInExports: Readonly<Record<string, string>> = {
  shell: 'shell',
  http: 'http',
  'wait-for': 'waitFor',
  service: 'service',
  tests: 'tests',
  assert: 'assert',
};

/** Names of the built-in plugins. */
export const builtInNames: readonly string[] = Object.keys(builtInExports);

/** Whether a name belongs to a built-in plugin. */
export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(builtInExports, name);
}
