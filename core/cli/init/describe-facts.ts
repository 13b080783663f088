import type { ProjectFacts } from '../../init/project-facts.ts';

/** Tools worth a word, by the packages that bring them. */
const tools: readonly (readonly [packageName: string, name: string])[] = [
  ['typescript', 'TypeScript'],
  ['eslint', 'ESLint'],
  ['@biomejs/biome', 'Biome'],
  ['oxlint', 'oxlint'],
  ['xo', 'XO'],
  ['standard', 'standard'],
  ['prettier', 'Prettier'],
  ['oxfmt', 'oxfmt'],
  ['mocha', 'mocha'],
  ['vitest', 'Vitest'],
  ['jest', 'Jest'],
  ['ava', 'AVA'],
  ['tap', 'tap'],
  ['tape', 'tape'],
  ['@playwright/test', 'Playwright'],
];

/** What was found in a project, as lines of a name and a value. */
export function describeFacts(facts: ProjectFacts): readonly (readonly [string, string])[] {
  const { manifest, packageManager, steps, workspaces, ciFiles } = facts;
  const commands = [...steps.checks, ...steps.builds, ...steps.tests, ...steps.e2e].map(({ command }) => command);
  const found = tools.filter(([name]) => manifest.packages.has(name)).map(([, name]) => name);
  if (commands.some((command) => /\bnode\b.*\s--test\b/.test(command))) found.push('node:test');
  return [
    ['project', manifest.name === undefined ? facts.root : `${manifest.name}, with ${packageManager.name}`],
    ...(found.length === 0 ? [] : [['uses', found.join(', ')] as const]),
    ...(workspaces.length === 0 ? [] : [['packages', workspaces.map(({ folder }) => folder).join(', ')] as const]),
    ...(ciFiles.length === 0 ? [] : [['CI', ciFiles.join(', ')] as const]),
  ];
}
