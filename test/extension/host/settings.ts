/** Settings of the person who uses the tested VS Code: nothing that comes up by itself, nothing that calls anybody. */
export const settings: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  // Common ones: without a font of fixed width, Chromium takes any.
  'editor.fontFamily': "'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace",
  'workbench.reduceMotion': 'on',
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': 'off',
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
};
