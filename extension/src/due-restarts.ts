import type { Notice } from './notice.ts';
import type { ProjectKey, StoreView } from './store/records.ts';
import type { Translate } from './translate.ts';

/** What {@link DueRestarts} works with. */
export interface DueRestartsOptions {
  readonly store: StoreView;
  /** Whether something of a project runs, or is about to. */
  readonly isBusy: (project: ProjectKey) => boolean;
  readonly tell: (notice: Notice) => void;
  readonly translate: Translate;
  readonly restart: (project: ProjectKey) => Promise<void>;
}

/**
 * Settings are typed letter by letter, and a save may begin the next run just when one has ended: engines are left alone until there
 * has been nothing of that for so long, in milliseconds.
 */
const settleMs = 500;

/** Starts engines again whose settings have changed, but not before their runs have ended: nobody has asked to stop these. */
export class DueRestarts {
  private readonly options: DueRestartsOptions;
  /** Whether it was told that they wait for a run. */
  private readonly due = new Map<ProjectKey, { isTold: boolean }>();
  private readonly timers = new Map<ProjectKey, NodeJS.Timeout>();

  constructor(options: DueRestartsOptions) {
    this.options = options;
    options.store.onDidChange(({ runs }) => {
      if (runs.size > 0) this.look();
    });
  }

  /** What the engines of these projects are started with is another. */
  settingsChanged(projects: readonly ProjectKey[]): void {
    for (const project of projects) {
      if (!this.due.has(project)) this.due.set(project, { isTold: false });
      this.settle(project);
    }
  }

  /** Runs may have ended. */
  look(): void {
    for (const [project, { isTold }] of this.due) if (isTold && !this.options.isBusy(project)) this.settle(project);
  }

  /** Its engine is started again, whatever for. */
  forget(project: ProjectKey): void {
    this.due.delete(project);
    clearTimeout(this.timers.get(project));
    this.timers.delete(project);
  }

  private settle(project: ProjectKey): void {
    clearTimeout(this.timers.get(project));
    this.timers.set(
      project,
      setTimeout(() => this.settled(project), settleMs),
    );
  }

  private settled(project: ProjectKey): void {
    const due = this.due.get(project);
    if (due === undefined) return;
    if (!this.options.isBusy(project)) return void this.options.restart(project);
    if (!due.isTold) this.tell(project);
    due.isTold = true;
  }

  private tell(project: ProjectKey): void {
    const { store, tell, translate, restart } = this.options;
    const running = store.runs.filter((run) => run.state === 'running' && run.project === project);
    const names = [...new Set(running.map(({ pipeline }) => pipeline))].join(', ');
    tell({
      severity: 'information',
      message: translate(
        '{0}: settings of the engine have changed. They take effect when this run has ended: {1}',
        store.project(project)?.label ?? project,
        names,
      ),
      action: {
        title: translate('Stop It and Restart'),
        run: () => (this.due.has(project) ? restart(project) : undefined),
      },
    });
  }
}
