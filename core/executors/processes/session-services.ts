import type { KeptServices } from '../../contract/executor.ts';
import { ProcessSupervisor, type SupervisorOptions } from './supervisor.ts';

/** Services that stay up from one run to the next, while a project is watched. */
export class SessionServices implements KeptServices {
  hear: KeptServices['hear'];
  private readonly sessionId: string;
  private readonly options: SupervisorOptions;
  private supervisor: ProcessSupervisor;

  /** @param sessionId - unique, as the id of a run */
  constructor(sessionId: string, options: SupervisorOptions) {
    this.sessionId = sessionId;
    this.options = options;
    this.supervisor = new ProcessSupervisor(sessionId, options);
  }

  get processes(): ProcessSupervisor {
    return this.supervisor;
  }

  /** Stops them all; runs that follow start their own. Not while a run is under way. */
  async endAll(): Promise<void> {
    const ending = this.supervisor;
    this.supervisor = new ProcessSupervisor(this.sessionId, this.options);
    await ending.endRun();
  }
}
