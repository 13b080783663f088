import { TreadleError } from '../contract/errors.ts';
import type { RunEvent } from '../contract/events.ts';
import { ciSystemOf } from '../reporters/ci-system.ts';
import { repositoryRoot } from '../files/repository-root.ts';
import { loadReporter } from '../reporters/registry.ts';
import type { Reporter, ReporterOptions, ReporterOutput } from '../reporters/reporter.ts';
import type { ReporterChoice } from './choose-reporters.ts';
import type { Console } from './console.ts';
import { openReportFile } from './report-file.ts';

/** The reporters of a run, as one. */
export interface Reporting {
  report(event: RunEvent): void;
  /** Writes what is left and closes files. Never rejects. */
  close(): Promise<void>;
}

interface Attached {
  readonly name: string;
  readonly reporter: Reporter;
  readonly release: () => void;
}

function toConsole({ out }: Console): ReporterOutput {
  return {
    write: (text) => out.write(text),
    isTerminal: out.isTerminal,
    color: out.color,
    columns: () => out.columns,
    rows: () => out.rows,
    onResize: (listener) => out.onResize(listener),
  };
}

function toFile(write: (text: string) => void): ReporterOutput {
  return { write, isTerminal: false, color: false, columns: () => 80, rows: () => 24 };
}

async function attach({ name, file }: ReporterChoice, console: Console, options: ReporterOptions): Promise<Attached> {
  const create = await loadReporter(name);
  if (create === undefined) throw new TreadleError('E_INTERNAL', `The reporter "${name}" is listed, but cannot be loaded.`);
  if (file === undefined) return { name, reporter: create(toConsole(console), forLog(options, console)), release: () => {} };
  const report = openReportFile(file);
  return { name, reporter: create(toFile(report.write), options), release: report.close };
}

/** Standard output is what CI shows as the log. */
function forLog(options: ReporterOptions, { env }: Console): ReporterOptions {
  const log = ciSystemOf(env);
  return log === undefined ? options : { ...options, log };
}

/**
 * Opens the chosen reporters. One that fails later on is left out from then on, with a warning: a report must not
 * decide on a run.
 *
 * @param root - the project's folder
 * @throws `E_USAGE` when a report's file cannot be written
 */
export async function openReporting(choices: readonly ReporterChoice[], console: Console, root: string): Promise<Reporting> {
  const attached = new Set<Attached>();
  const options: ReporterOptions = { cwd: root, repository: repositoryRoot(root, console.env), env: console.env };
  for (const choice of choices) attached.add(await attach(choice, console, options));
  const detach = (reporter: Attached, error: unknown): void => {
    attached.delete(reporter);
    console.err.write(`treadle: the reporter "${reporter.name}" failed and was left out: ${describe(error)}\n`);
  };
  return {
    report: (event) => {
      for (const each of [...attached]) {
        try {
          each.reporter.onEvent(event);
        } catch (error) {
          detach(each, error);
        }
      }
    },
    close: async () => {
      for (const each of [...attached]) {
        try {
          await each.reporter.close?.();
          each.release();
        } catch (error) {
          detach(each, error);
        }
      }
    },
  };
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
