import { TreadleError } from '../contract/errors.ts';
import type { RunEvent } from '../contract/events.ts';
import { timeLimit } from '../contract/time-limit.ts';
import { ciSystemOf } from '../reporters/ci-system.ts';
import { repositoryRoot } from '../files/repository-root.ts';
import { loadReporter } from '../reporters/registry.ts';
import type { Reporter, ReporterFactory, ReporterOptions, ReporterOutput, StoppingRemark } from '../reporters/reporter.ts';
import type { ReporterChoice } from './choose-reporters.ts';
import type { Console } from './console.ts';
import { loadCustomReporter } from './custom-reporter.ts';
import { openReportFile } from './report-file.ts';

/** How long reporters may take at the end. */
const closingMs = 10_000;

/** The reporters of a run, as one. */
export interface Reporting {
  report(event: RunEvent): void;
  /** The run was stopped, and goes on for a while. */
  stopping(remark: StoppingRemark): void;
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

async function factoryFor({ name, entry }: ReporterChoice, root: string): Promise<ReporterFactory> {
  if (entry !== undefined) return loadCustomReporter(name, entry, root);
  const create = await loadReporter(name);
  if (create === undefined) throw new TreadleError('E_INTERNAL', `The reporter "${name}" is listed, but cannot be loaded.`);
  return create;
}

async function attach(choice: ReporterChoice, console: Console, options: ReporterOptions): Promise<Attached> {
  const { name, file } = choice;
  const create = await factoryFor(choice, options.cwd);
  if (file === undefined) return { name, reporter: create(toConsole(console), forLog(options, console)), release: () => {} };
  const report = openReportFile(file, 'report');
  return { name, reporter: create(toFile(report.write), options), release: report.close };
}

/** Standard output is what CI shows as the log. */
function forLog(options: ReporterOptions, { env }: Console): ReporterOptions {
  const log = ciSystemOf(env);
  return log === undefined ? options : { ...options, log };
}

/**
 * Opens the chosen reporters. One that fails later on is left out from then on, with a warning: a report must not
 * decide on a run, nor hold it up.
 *
 * @param root - the project's folder
 * @throws `E_USAGE` when a report's file cannot be written, `E_PLUGIN_…` for what is wrong with a reporter of one's own
 */
export async function openReporting(choices: readonly ReporterChoice[], console: Console, root: string): Promise<Reporting> {
  const attached = new Set<Attached>();
  const options: ReporterOptions = { cwd: root, repository: repositoryRoot(root, console.env), env: console.env };
  for (const choice of choices) attached.add(await attach(choice, console, options));
  const detach = (reporter: Attached, error: unknown): void => {
    if (!attached.delete(reporter)) return;
    reporter.release();
    console.err.say(`treadle: the reporter "${reporter.name}" failed and was left out: ${describe(error)}\n`);
  };
  const underWay = new Set<Promise<void>>();
  const finish = async (each: Attached): Promise<void> => {
    try {
      await each.reporter.close?.();
    } catch (error) {
      detach(each, error);
    } finally {
      each.release();
    }
  };
  return {
    report: (event) => {
      for (const each of [...attached]) {
        try {
          const answer: unknown = each.reporter.onEvent(event);
          if (!(answer instanceof Promise)) continue;
          // Nothing waits for what a reporter does on its own time, until the end.
          const work = answer.catch((error: unknown) => detach(each, error)).then(() => void underWay.delete(work));
          underWay.add(work);
        } catch (error) {
          detach(each, error);
        }
      }
    },
    stopping: (remark) => {
      for (const each of [...attached]) {
        try {
          each.reporter.onStopping?.(remark);
        } catch (error) {
          detach(each, error);
        }
      }
    },
    close: async () => {
      const limit = timeLimit(closingMs);
      await Promise.race([Promise.all(underWay), limit.passed]);
      for (const each of [...attached]) {
        const isDone = await Promise.race([finish(each).then(() => true), limit.passed.then(() => false)]);
        if (!isDone) detach(each, new Error(`it has not finished within ${closingMs / 1000} s.`));
      }
      limit.callOff();
    },
  };
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
