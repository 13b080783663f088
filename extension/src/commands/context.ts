import type { Log } from '../log.ts';
import type { OutputDocuments } from '../output/documents.ts';
import type { RunsView } from '../runs/view.ts';
import type { PipelinesView } from '../tree/view.ts';
import type { Timeline } from '../timeline/panel.ts';
import type { WorkspaceModel } from '../workspace-model.ts';

/** What commands work with. */
export interface CommandContext {
  readonly model: WorkspaceModel;
  readonly pipelinesView: PipelinesView;
  readonly runsView: RunsView;
  readonly documents: OutputDocuments;
  readonly timeline: Timeline;
  readonly log: Log;
  readonly extensionVersion: string;
}

/** A command's work. Menus hand over the row and, where several are selected, all of them; the keyboard and the palette hand over nothing. */
export type Command = (target: unknown, targets?: unknown) => unknown;
