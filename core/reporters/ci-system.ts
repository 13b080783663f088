/** CI systems whose logs can be folded. */
export type CiSystem = 'github' | 'gitlab' | 'azure' | 'teamcity';

/** The CI system that an environment belongs to, if it is one of these. */
export function ciSystemOf(env: Readonly<Record<string, string | undefined>>): CiSystem | undefined {
  const ci = env['CI']?.toLowerCase();
  if (ci === 'false' || ci === '0') return undefined;
  // Gitea and Forgejo call themselves GitHub, and take its commands.
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  if (env['GITLAB_CI']) return 'gitlab';
  if (env['TF_BUILD']) return 'azure';
  return env['TEAMCITY_VERSION'] ? 'teamcity' : undefined;
}
