import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent, RunEventOf } from '../contract/events.ts';
import { atExit } from '../files/exit-hook.ts';
import { makeOwnFolderSync } from '../files/own-files.ts';
import { markOfThisProcess } from '../files/process-mark.ts';
import type { HistoryLimits } from './history-limits.ts';
import { KeptOutput } from './kept-output.ts';
import { liveMark, pruneRuns, runFileName, runFolder } from './run-folder.ts';

/** How a run is recorded. */
export interface RecorderOptions {
  /** Whether a change of a file started it: of such runs, fewer are kept. Default: false. */
  readonly isRerun?: boolean;
  /** Whether the code of a step may keep this thread busy for ever: then its beginning is written first. Default: that of any may. */
  readonly mayBlock?: (stepId: string) => boolean;
  /** Told once when the run cannot be kept, or not to its end. */
  readonly onProblem?: (error: unknown) => void;
}

/** Results of more bytes than this are left out: a large context must not slow down the end of a run. */
const largestResults = 1024 * 1024;
/** Events are written together with those of so many milliseconds after them; a run that takes no longer is written at once, at its end. */
const togetherMs = 40;
/** Of the progress of a step, at most one event in so many milliseconds is kept. */
const progressMs = 1000;

/**
 * Writes the events of one run to a file, those of a moment together: a run that is killed can still be read. Never throws:
 * a project that cannot be written to can still be run.
 */
export class RunRecorder {
  private readonly root: string;
  private readonly limits: HistoryLimits;
  private readonly options: RecorderOptions;
  private readonly output = new KeptOutput();
  private readonly progressAt = new Map<string, number>();
  private lines: string[] = [];
  private file: { readonly name: string; readonly descriptor: number } | undefined;
  /** The first event, as long as nothing is written. */
  private opens: RunEventOf<'run:start'> | undefined;
  private isDueAtOnce = false;
  private timer: NodeJS.Timeout | undefined;
  private forgetAtExit = (): void => {};
  private over = false;

  /** @param root - the project's folder, absolute */
  constructor(root: string, limits: HistoryLimits, options: RecorderOptions = {}) {
    this.root = root;
    this.limits = limits;
    this.options = options;
  }

  /** Takes one event. `run:end` is the last one. */
  add(event: RunEvent): void {
    if (this.over || this.isTooMuch(event)) return;
    if (event.type === 'run:start') this.begin(event);
    // A run whose steps have something to say goes on for a while: who has heard of it finds it.
    else if (this.opens !== undefined && !/:(?:start|end)$/.test(event.type)) this.flush();
    this.flushSoon(event.type === 'step:start' && event.executor === 'inline' && (this.options.mayBlock?.(event.id) ?? true));
    for (const kept of this.output.pass(event)) this.lines.push(JSON.stringify(kept.type === 'run:end' ? bounded(kept) : kept));
    if (event.type === 'run:end') this.close();
  }

  private begin(event: RunEventOf<'run:start'>): void {
    this.opens = event;
    // Code of the project may end the process, by an error that nothing catches too: what happened before tells of it.
    this.forgetAtExit = atExit(() => this.close());
  }

  private isTooMuch(event: RunEvent): boolean {
    if (event.type !== 'step:progress') return false;
    if (event.ts - (this.progressAt.get(event.id) ?? -progressMs) < progressMs) return true;
    this.progressAt.set(event.id, event.ts);
    return false;
  }

  /** @param isOver - whether nothing will be added: then nobody need know who writes */
  private open({ runId, ts }: RunEvent, isOver: boolean): void {
    this.opens = undefined;
    const folder = runFolder(this.root);
    const name = join(folder, runFileName(runId, new Date(ts), this.options.isRerun ?? false));
    try {
      makeOwnFolderSync(this.root, folder);
      if (!isOver) writeFileSync(liveMark(name), JSON.stringify(markOfThisProcess()));
      this.file = { name, descriptor: openSync(name, 'ax') };
    } catch (error) {
      this.over = true;
      this.close();
      rmSync(liveMark(name), { force: true, recursive: true });
      this.options.onProblem?.(error);
    }
  }

  /** @param atOnce - before the code of a step that begins now, which may keep this thread busy for ever */
  private flushSoon(atOnce: boolean): void {
    if (atOnce && !this.isDueAtOnce) {
      this.isDueAtOnce = true;
      queueMicrotask(() => this.flush());
    }
    this.timer ??= setTimeout(() => this.flush(), togetherMs).unref();
  }

  private flush(isOver = false): void {
    this.isDueAtOnce = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.opens !== undefined) this.open(this.opens, isOver);
    if (this.file === undefined || this.lines.length === 0) return;
    const bytes = Buffer.from(`${this.lines.join('\n')}\n`);
    this.lines = [];
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.file.descriptor, bytes, written);
    } catch (error) {
      // A full disk: what is there can be read.
      this.over = true;
      this.close();
      this.options.onProblem?.(error);
    }
  }

  private close(): void {
    if (!this.over) this.flush(true);
    this.over = true;
    this.forgetAtExit();
    const { file } = this;
    this.file = undefined;
    if (file === undefined) return;
    try {
      closeSync(file.descriptor);
      rmSync(liveMark(file.name), { force: true });
      pruneRuns(this.root, this.limits, file.name);
    } catch {
      // It is complete all the same.
    }
  }
}

/** The end of a run with its results, unless those are large: then they need not even be decoded. */
function bounded(event: RunEventOf<'run:end'>): RunEventOf<'run:end'> {
  if ((event.resultBytes ?? 0) <= largestResults) return event;
  const { results: _large, ...rest } = Object.getOwnPropertyDescriptors(event);
  return Object.defineProperties(Object.create(Object.prototype), { ...rest, results: { value: {}, enumerable: true } });
}
