import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { createEngine, type RunEvent, type RunEventOf, type RunEventType, type RunResult, type SerializedError } from '../../core/index.ts';
import { makeProject } from '../support/project.ts';

/** What {@link runSteps} can be given beside the steps. */
export interface RunStepsOptions {
  /** Files of the project, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly failFast?: boolean;
  /** Called with each event, and with what stops the run. */
  readonly onEvent?: (event: RunEvent, cancel: (reason: string) => void) => void;
}

/** A run that is over. */
export interface StepsRun {
  readonly root: string;
  readonly result: RunResult;
  events<T extends RunEventType>(type: T, id?: string): readonly RunEventOf<T>[];
  /** How a step ended. */
  end(id: string): RunEventOf<'step:end'>;
  /** The error of a step that failed. */
  error(id: string): SerializedError;
  /** All that a step printed. */
  output(id: string): string;
}

/** Runs steps, as a JSON pipeline file has them, in a project of their own. */
export async function runSteps(steps: readonly unknown[], options: RunStepsOptions = {}): Promise<StepsRun> {
  const pipeline = { steps, config: options.config ?? {}, failFast: options.failFast ?? true };
  return runProject({ ...options.files, 'treadle.config.json': JSON.stringify(pipeline) }, options);
}

/** Runs the pipeline of a project made of these files. */
export async function runProject(files: Readonly<Record<string, string>>, options: RunStepsOptions = {}): Promise<StepsRun> {
  const root = makeProject(files);
  const engine = await createEngine({ cwd: root });
  const seen: RunEvent[] = [];
  try {
    const run = engine.start({
      onEvent: (event) => {
        seen.push(event);
        // The first events come before the run is known.
        options.onEvent?.(event, (reason) => queueMicrotask(() => run.cancel(reason)));
      },
    });
    return finished(root, await run.result, seen);
  } finally {
    await engine.close();
  }
}

function finished(root: string, result: RunResult, seen: readonly RunEvent[]): StepsRun {
  const events = <T extends RunEventType>(type: T, id?: string): readonly RunEventOf<T>[] =>
    seen.filter((event): event is RunEventOf<T> => event.type === type && (id === undefined || ('id' in event && event.id === id)));
  const end = (id: string): RunEventOf<'step:end'> => {
    const [event] = events('step:end', id);
    if (event === undefined) throw new Error(`Step ${id} did not end.`);
    return event;
  };
  const error = (id: string): SerializedError => {
    const event = end(id);
    if (event.error === undefined) throw new Error(`Step ${id} ${event.status} without an error.`);
    return event.error;
  };
  const output = (id: string): string =>
    events('step:output', id)
      .map(({ text }) => text)
      .join('');
  return { root, result, events, end, error, output };
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.');
  return address.port;
}

/** Ids of the processes of a group that are alive: not those that only wait to be collected. */
export function livingInGroup(group: number): readonly number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,stat='], { encoding: 'utf8' });
  return table
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(([, pgid, stat]) => Number(pgid) === group && stat?.startsWith('Z') === false)
    .map(([pid]) => Number(pid));
}
