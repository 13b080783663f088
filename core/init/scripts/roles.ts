/** What a script is for, by its name. */
export type ScriptRole = 'format' | 'lint' | 'types' | 'checks' | 'test' | 'more-tests' | 'e2e' | 'build' | 'none';

const roles: readonly (readonly [ScriptRole, RegExp])[] = [
  ['none', /(?:^|[:-])(?:fix|write|watch|dev|debug|ui|open|update|snap|snapshots?|bench|benchmark|clean|release|publish|deploy)$/],
  [
    'format',
    /^(?:format|fmt|prettier|formatting)(?:[:-](?:check|ci|test|verify|all))?$|^(?:check|test|lint|verify)[:-](?:format|fmt|prettier|formatting|style)$/,
  ],
  [
    'types',
    /^(?:type-?check|types?|tsc|typescript|tsd)(?:[:-](?:check|test|ci|all))?$|^(?:check|test|lint|verify)[:-](?:types?|tsc?|typecheck|dts|typings|typescript)(?::.+)?$/,
  ],
  [
    'lint',
    /^(?:lint|eslint|xo|standard|biome|oxlint|stylelint|knip|publint|attw|spell(?:check)?|cspell)(?:[:-].+)?$|^(?:check|test)[:-](?:lint|exports|unused|spelling|deps|knip|eslint)$/,
  ],
  ['checks', /^(?:checks?|ci|verify|validate|check[:-]all)$/],
  ['e2e', /^(?:e2e|playwright|cypress)(?:[:-](?:run|test|ci|headless))?$|^test[:-](?:e2e|playwright|end-to-end|browser:e2e)$/],
  ['test', /^tests?$/],
  ['more-tests', /^(?:unit|mocha|jest|vitest|ava|tap)$|^(?:tests?|unit)[:-].+$/],
  ['build', /^build(?:[:-](?:prod|production|lib|dist|all))?$|^(?:compile|bundle)$/],
];

export function roleOf(name: string): ScriptRole {
  return roles.find(([, names]) => names.test(name))?.[0] ?? 'none';
}
