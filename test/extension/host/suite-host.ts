import type { Processes } from './processes.ts';

/** What to run in an extension host. */
export interface SuiteOrder {
  /** Folder of the extension under test. */
  readonly extension: string;
  /** Folder or `*.code-workspace` file that is open. */
  readonly workspace: string;
  /** The CommonJS module of the tests. */
  readonly module: string;
  /** Short enough for the path of a socket: for settings, logs, and extensions, of which it has some already. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly processes: Processes;
  /** Takes what the editor says about errors. */
  readonly log: (text: string) => void;
}

/** A VS Code that runs tests in its extension host. */
export interface SuiteHost {
  readonly name: 'desktop' | 'server';
  /** Gets what it needs from the network. May take minutes the first time. */
  prepare(): Promise<void>;
  /** Resolves to the exit code of the tests. */
  run(order: SuiteOrder): Promise<number>;
}
