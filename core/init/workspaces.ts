import { join } from 'node:path';
import { findWorkspace, listsPackages } from '../workspaces/find-packages.ts';
import { orderPackages } from '../workspaces/package-order.ts';
import { type ProjectManifest, readManifest } from './manifest.ts';

/** A package of a repository that holds several. */
export interface PackageFacts {
  /** Relative to the project, with `/`. */
  readonly folder: string;
  readonly manifest: ProjectManifest;
}

/** The packages that a folder lists, those first that others depend on; none where it lists none. */
export function findPackages(root: string): readonly PackageFacts[] {
  if (!listsPackages(root)) return [];
  const { packages } = findWorkspace(root);
  return orderPackages(packages, () => true).map(({ folder }) => ({ folder, manifest: readManifest(join(root, folder)) }));
}
