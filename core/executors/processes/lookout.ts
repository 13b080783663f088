import type { Cookie, MarkedProcess } from './cookie.ts';
import { processTable, type ProcessRow } from './process-table.ts';

/** One look at the machine's processes; what nobody asks for is not read. */
export class Look {
  private readonly cookie: Cookie;
  private markedProcesses: readonly MarkedProcess[] | undefined;
  private rows: readonly ProcessRow[] | undefined;

  constructor(cookie: Cookie) {
    this.cookie = cookie;
  }

  /** What carries the run's mark. */
  get marked(): readonly MarkedProcess[] {
    return (this.markedProcesses ??= this.cookie.find());
  }

  /** All processes; none where the system has no process files. */
  get table(): readonly ProcessRow[] {
    return (this.rows ??= processTable());
  }
}

/** Shares looks: a look costs milliseconds, and when a group of steps is stopped, each of them needs several. */
export class Lookout {
  private readonly cookie: Cookie;
  private coming: Promise<Look> | undefined;

  constructor(cookie: Cookie) {
    this.cookie = cookie;
  }

  /** A look that is taken after this call, shared by all who ask in the same turn of the event loop. */
  look(): Promise<Look> {
    return (this.coming ??= new Promise((resolve) => {
      setImmediate(() => {
        this.coming = undefined;
        resolve(this.lookNow());
      });
    }));
  }

  lookNow(): Look {
    return new Look(this.cookie);
  }
}
