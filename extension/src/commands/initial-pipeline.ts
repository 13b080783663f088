/** Scripts that check something, in the order in which a person would run them. */
const checks = ['format:check', 'lint', 'typecheck', 'type-check', 'types', 'check-types'];
const afterwards = ['build', 'test', 'test:unit', 'e2e'];

/** A first pipeline file: the checks that package.json has scripts for, at the same time; then build and tests. */
export function initialPipeline(scripts: readonly string[], runScript: string): string {
  const first = checks.filter((script) => scripts.includes(script)).map((script) => shell(script, runScript));
  const then = afterwards.filter((script) => scripts.includes(script)).map((script) => shell(script, runScript));
  const steps = [
    ...(first.length > 1
      ? ['  // A nested list runs at the same time.', '  [', ...first.map((step) => `    ${step},`), '  ],']
      : first.map((step) => `  ${step},`)),
    ...then.map((step) => `  ${step},`),
  ];
  const example = [
    `  shell('hello', { command: 'echo Hello' }),`,
    '  // A nested list runs at the same time.',
    `  [shell('one', { command: 'echo 1' }), shell('two', { command: 'echo 2' })],`,
  ];
  return [
    `import { definePipeline } from 'treadle';`,
    `import { shell } from 'treadle/plugins';`,
    '',
    'export default definePipeline([',
    ...(steps.length === 0 ? example : steps),
    ']);',
    '',
  ].join('\n');
}

function shell(script: string, runScript: string): string {
  return `shell('${script.replaceAll(':', '-')}', { command: '${runScript} ${script}' })`;
}
