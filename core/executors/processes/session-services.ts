import type { KeptServices, ServiceRemark } from '../../contract/executor.ts';
import { ProcessSupervisor, type SupervisorOptions } from './supervisor.ts';

/** Services that stay up from one run to the next, while a project is watched. */
export class SessionServices implements KeptServices {
  hear: KeptServices['hear'];
  private readonly sessionId: string;
  private readonly options: SupervisorOptions;
  private readonly betweenRuns: ((owner: string, remark: ServiceRemark) => void) | undefined;
  private supervisor: ProcessSupervisor;

  /**
   * @param sessionId - unique, as the id of a run
   * @param betweenRuns - hears what services say while no run is under way
   */
  constructor(sessionId: string, options: SupervisorOptions, betweenRuns?: (owner: string, remark: ServiceRemark) => void) {
    this.sessionId = sessionId;
    this.options = options;
    this.betweenRuns = betweenRuns;
    this.supervisor = new ProcessSupervisor(sessionId, options);
  }

  get processes(): ProcessSupervisor {
    return this.supervisor;
  }

  say(owner: string, remark: ServiceRemark): void {
    (this.hear ?? this.betweenRuns)?.(owner, remark);
  }

  /** Stops them all; runs that follow start their own. Not while a run is under way. */
  async endAll(): Promise<void> {
    const ending = this.supervisor;
    this.supervisor = new ProcessSupervisor(this.sessionId, this.options);
    await ending.endRun();
  }
}
