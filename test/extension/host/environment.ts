/** The environment without what the test runner, npm, an editor around us or a CI set for themselves. */
export function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:CI|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|ELECTRON_.*|GITHUB_.*|MOCHA_.*|TREADLE_.*|VSCODE_.*|npm_.*|INIT_CWD)$/i.test(name),
  );
  return Object.fromEntries(kept);
}
