import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { matchesPatterns } from '../files/file-patterns.ts';
import { listFiles } from '../files/listed-files.ts';
import { type ProjectManifest, readManifest } from './manifest.ts';

/** A package of a repository that holds several. */
export interface Workspace {
  /** Relative to the project, with `/`. */
  readonly folder: string;
  readonly manifest: ProjectManifest;
}

/** The packages that package.json or pnpm-workspace.yaml names, those first that others depend on. */
export function findWorkspaces(root: string, manifest: ProjectManifest): readonly Workspace[] {
  const patterns = [...manifest.workspaces, ...pnpmPatterns(root)].map((pattern) => pattern.replace(/^(!?)(?:\.\/)?(.*?)\/?$/, '$1$2'));
  if (patterns.length === 0) return [];
  const manifests = patterns.map((pattern) => `${pattern}/package.json`);
  const found = listFiles(root, manifests, 'list')
    .map((file) => dirname(file).replaceAll('\\', '/'))
    .filter((folder) => folder !== '.' && matchesPatterns(manifests, `${folder}/package.json`))
    .map((folder) => ({ folder, manifest: readManifest(join(root, folder)) }));
  return inOrder(found);
}

/** The list `packages` of a pnpm-workspace.yaml; its entries are plain texts. */
function pnpmPatterns(root: string): readonly string[] {
  const file = join(root, 'pnpm-workspace.yaml');
  if (!existsSync(file) || !statSync(file).isFile()) return [];
  const list = /^packages:[^\n]*\n(?<items>(?:[ \t]*(?:#.*|-.*)?\n)*)/m.exec(`${readFileSync(file, 'utf8')}\n`)?.groups?.['items'] ?? '';
  return [...list.matchAll(/^[ \t]*-\s*(?<quote>["']?)(?<pattern>[^"'#\n]+?)\k<quote>\s*(?:#.*)?$/gm)].map(
    ({ groups }) => groups?.['pattern'] ?? '',
  );
}

function inOrder(workspaces: readonly Workspace[]): readonly Workspace[] {
  const byName = new Map(workspaces.map((each) => [each.manifest.name, each]));
  const ordered = new Set<Workspace>();
  const visit = (workspace: Workspace, above: ReadonlySet<Workspace>): void => {
    if (ordered.has(workspace) || above.has(workspace)) return;
    for (const name of workspace.manifest.packages.keys()) {
      const needed = byName.get(name);
      if (needed !== undefined) visit(needed, new Set([...above, workspace]));
    }
    ordered.add(workspace);
  };
  for (const workspace of workspaces) visit(workspace, new Set());
  return [...ordered];
}
