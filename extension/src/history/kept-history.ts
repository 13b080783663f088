import { EndOfText } from '../../../core/contract/end-of-text.ts';
import type { TestResult } from '../../../core/contract/events.ts';
import type { HistoryParams, KeptRun } from '../../../core/contract/rpc.ts';
import type { KeptRunRecord, ProjectKey } from '../store/records.ts';
import { RunSpans } from '../store/run-spans.ts';
import type { KeptRunContent, Store } from '../store/store.ts';
import { createRefreshScheduler, systemClock } from '../tree/refresh.ts';
import { ownRunFile, readEvents } from './run-file.ts';

/** What engines tell of earlier runs. */
export interface HistoryEngine {
  /** `undefined` where there is no engine now, or one that cannot tell. */
  history(params: HistoryParams): Promise<readonly KeptRun[] | undefined>;
}

/** What {@link KeptHistory} works with. */
export interface KeptHistoryOptions {
  readonly store: Store;
  /** None in a window that is not trusted. */
  readonly engineOf: (project: ProjectKey) => HistoryEngine | undefined;
  readonly log: { warn(message: string): void };
}

/** What views ask of runs that were kept. */
export interface KeptRunReader {
  /** Nothing is asked for while nobody looks at the runs. */
  setVisible(isVisible: boolean): void;
  /** The run with its plan and spans; `undefined` when it is no longer kept. */
  open(runId: string): Promise<KeptRunRecord | undefined>;
  /** The end of what a step wrote in it, as far as that was kept; `undefined` when the run is no longer kept. */
  output(runId: string, step: string): Promise<string | undefined>;
  /** The test cases of its last attempt at a step; `undefined` when the run is no longer kept. */
  tests(runId: string, step: string): Promise<readonly TestResult[] | undefined>;
}

/** So many runs of a project are shown. */
const limit = 50;
/** So much of the end of a step's output is shown, in characters. */
const mostOutput = 1024 * 1024;
/** A run that goes on is read again no sooner than this, in milliseconds, and takes this share of the time at most. */
const leastPause = 1000;
const readingShare = 1 / 20;

/** Brings the runs that projects have kept into the store. Files are read only where an engine has named them. */
export class KeptHistory implements KeptRunReader {
  private readonly options: KeptHistoryOptions;
  private readonly scheduler = createRefreshScheduler<ProjectKey>(systemClock, (projects) => this.refresh(projects));
  private readonly subscription: { dispose(): void };
  /** Questions that are not answered yet, and those that wait for that. */
  private readonly asking = new Map<ProjectKey, { readonly answer: Promise<void>; next?: Promise<void> }>();
  /** Of runs that go on: when each may be read again. */
  private readonly nextReading = new Map<string, number>();

  constructor(options: KeptHistoryOptions) {
    this.options = options;
    this.scheduler.setVisible(false);
    // A project that was loaded has an engine that can be asked.
    this.subscription = options.store.onDidChange(({ structure }) => this.mark(structure));
  }

  setVisible(isVisible: boolean): void {
    // Not every file system tells of changes.
    if (isVisible) this.scheduler.markAll();
    this.scheduler.setVisible(isVisible);
  }

  /** The runs of these projects have changed. */
  mark(projects: Iterable<ProjectKey>): void {
    this.scheduler.mark(projects);
  }

  async open(runId: string): Promise<KeptRunRecord | undefined> {
    const record = await this.find(runId);
    if (record === undefined || record.isRead) return record;
    const begin = performance.now();
    if (record.state === 'running' && begin < (this.nextReading.get(runId) ?? 0)) return record;
    const content = await this.reading(record, () => this.read(record));
    if (content === undefined) return undefined;
    const end = performance.now();
    if (record.state === 'running') this.nextReading.set(runId, end + Math.max(leastPause, (end - begin) / readingShare));
    else this.nextReading.delete(runId);
    this.options.store.fillKeptRun(runId, content);
    return this.keptRun(runId);
  }

  async output(runId: string, step: string): Promise<string | undefined> {
    const record = await this.find(runId);
    return record && this.reading(record, () => this.readOutput(record, step));
  }

  async tests(runId: string, step: string): Promise<readonly TestResult[] | undefined> {
    const record = await this.find(runId);
    return record && this.reading(record, () => this.readTests(record, step));
  }

  dispose(): void {
    this.subscription.dispose();
    this.scheduler.dispose();
  }

  private refresh(projects: ReadonlySet<ProjectKey> | undefined): void {
    for (const project of projects ?? this.options.store.projects.map(({ key }) => key)) void this.ask(project);
  }

  /** One question at a time, for a step may hold the engine up; what has changed since it was asked is in the answer to the next. */
  private ask(project: ProjectKey): Promise<void> {
    const present = this.asking.get(project);
    if (present !== undefined) return (present.next ??= present.answer.then(() => this.ask(project)));
    const answer = this.askNow(project).finally(() => this.asking.delete(project));
    this.asking.set(project, { answer });
    return answer;
  }

  private async askNow(project: ProjectKey): Promise<void> {
    try {
      const runs = await this.options.engineOf(project)?.history({ limit });
      if (runs !== undefined) this.options.store.setKeptRuns(project, runs);
    } catch (thrown) {
      this.options.log.warn(`Earlier runs of ${project} are not known: ${String(thrown)}`);
    }
  }

  /** A document of an earlier window may be shown before anybody has looked at the runs. */
  private async find(runId: string): Promise<KeptRunRecord | undefined> {
    const known = this.keptRun(runId);
    if (known !== undefined) return known;
    await Promise.all(this.options.store.projects.map(({ key }) => this.ask(key)));
    return this.keptRun(runId);
  }

  private keptRun(runId: string): KeptRunRecord | undefined {
    return this.options.store.keptRun(runId);
  }

  /** Others remove files at any time: then the list of runs is no longer right either. */
  private async reading<Content>(
    { runId, project }: KeptRunRecord,
    read: () => Promise<Content | undefined>,
  ): Promise<Content | undefined> {
    try {
      const content = await read();
      if (content === undefined) this.mark([project]);
      return content;
    } catch (thrown) {
      this.options.log.warn(`The file of the run ${runId} cannot be read: ${String(thrown)}`);
      this.mark([project]);
      return undefined;
    }
  }

  private async fileOf({ project, file }: KeptRunRecord): Promise<string | undefined> {
    const root = this.options.store.project(project)?.root;
    return root === undefined ? undefined : ownRunFile(root, file);
  }

  private async read(record: KeptRunRecord): Promise<KeptRunContent | undefined> {
    const file = await this.fileOf(record);
    if (file === undefined) return undefined;
    const spans = new RunSpans();
    let plan: KeptRunRecord['plan'];
    for await (const event of readEvents(file, [
      'run:start',
      'group:start',
      'step:start',
      'step:test',
      'step:retry',
      'step:end',
      'group:end',
    ])) {
      if (event.type === 'run:start') plan = event.plan;
      else spans.take(event);
    }
    const { state, startedAt, durationMs = 0 } = record;
    if (state !== 'running') spans.closeAll(startedAt + durationMs, 'interrupted');
    return plan === undefined ? undefined : { plan, spans: spans.settle() ?? [] };
  }

  private async readOutput(record: KeptRunRecord, step: string): Promise<string | undefined> {
    const file = await this.fileOf(record);
    if (file === undefined) return undefined;
    const end = new EndOfText(mostOutput);
    for await (const event of readEvents(file, ['step:output'], linesAbout(step))) {
      if (event.id === step && typeof event.text === 'string') end.add(event.text);
    }
    return end.toString();
  }
  private async readTests(record: KeptRunRecord, step: string): Promise<readonly TestResult[] | undefined> {
    const file = await this.fileOf(record);
    if (file === undefined) return undefined;
    let tests: TestResult[] = [];
    for await (const event of readEvents(file, ['step:start', 'step:test'], linesAbout(step))) {
      if (event.id !== step) continue;
      if (event.type === 'step:start') tests = [];
      else tests.push(event);
    }
    return tests;
  }
}

function linesAbout(step: string): (line: string) => boolean {
  const id = `"id":${JSON.stringify(step)}`;
  return (line) => line.includes(id);
}
