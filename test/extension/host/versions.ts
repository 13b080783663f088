/** What the tests run in. The cache folder is named after these, so a new version never meets an old installation. */
export const versions = {
  /** The npm package that carries VS Code's server and web workbench. */
  codeServer: '4.139.1',
  /** The npm package that carries Chromium. */
  chromium: '153.0.0',
  /** The VS Code inside of {@link versions.codeServer}, and the one that is downloaded for the desktop. */
  vscode: '1.139.1',
} as const;
