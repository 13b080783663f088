import { makeWorkspace, type WorkspaceParts } from '../../workspaces.ts';
import { openWorkbench, type Workbench } from './open.ts';
import { openSidebar, tree, type Tree } from './tree.ts';

/** A window on a project of its own, with the sidebar open. */
export interface ProjectWindow {
  readonly workbench: Workbench;
  /** Its folder. */
  readonly workspace: string;
  readonly pipelines: Tree;
}

/**
 * Makes a project, opens it in a window, and its pipelines in the sidebar.
 *
 * @param row - a row that is there once the project has been loaded
 */
export async function openProjectWindow(parts: WorkspaceParts, row: string): Promise<ProjectWindow> {
  const workspace = await makeWorkspace(parts);
  const workbench = await openWorkbench({ workspace });
  const pipelines = tree(workbench.page, 'Pipelines');
  await openSidebar(workbench.page, 'Treadle');
  await pipelines.reaches(row);
  return { workbench, workspace, pipelines };
}
