import type { CliOptions, CliProject, CliResult } from './cli.ts';

// As much of GitHub's runner as reporting needs: its environment, its files, and how it reads a log.

/** A line that GitHub shows in the list of a run, and at a line of a file. */
export interface Annotation {
  readonly kind: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** What the runner made of a log. */
export interface JobLog {
  /** Of each kind, as many as GitHub shows. */
  readonly annotations: readonly Annotation[];
  /** Those that it would drop. */
  readonly dropped: readonly Annotation[];
  readonly groups: readonly { readonly title: string; readonly lines: readonly string[] }[];
  /** Lines outside of groups. */
  readonly lines: readonly string[];
  /** Commands other than the ones above. */
  readonly others: readonly string[];
  /** Whether a group or a pause was left open. */
  readonly leftOpen: boolean;
}

const kinds = ['error', 'warning', 'notice'];
const shownOfKind = 10;

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

function parseCommand(line: string): Command | undefined {
  const trimmed = line.trimStart();
  const newer = /^::(?<name>[^\s:]+)(?: (?<properties>.*?))?::(?<data>.*)$/.exec(trimmed);
  if (newer !== null) return toCommand(newer.groups ?? {}, ',');
  // The older form counts wherever it stands in a line.
  const older = /##\[(?<name>[^\s\]]+)(?: (?<properties>[^\]]*))?\](?<data>.*)$/.exec(line);
  return older === null ? undefined : toCommand(older.groups ?? {}, ';');
}

function toCommand(groups: Readonly<Record<string, string | undefined>>, separator: string): Command {
  const pairs = (groups['properties'] ?? '').split(separator).filter((pair) => pair.includes('='));
  const properties = pairs.map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), unescapeProperty(pair.slice(pair.indexOf('=') + 1))]);
  return { name: groups['name'] ?? '', properties: Object.fromEntries(properties), data: unescapeData(groups['data'] ?? '') };
}

const unescapeData = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
const unescapeProperty = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');

/** Reads a log as the runner does. */
export function readLog(stdout: string): JobLog {
  const annotations: Annotation[] = [];
  const dropped: Annotation[] = [];
  const groups: { title: string; lines: string[] }[] = [];
  const lines: string[] = [];
  const others: string[] = [];
  let group: { title: string; lines: string[] } | undefined;
  let pausedBy: string | undefined;
  for (const line of stdout.split('\n')) {
    const command = parseCommand(line);
    if (pausedBy !== undefined) {
      if (command?.name === pausedBy) pausedBy = undefined;
      else (group?.lines ?? lines).push(line);
      continue;
    }
    if (command === undefined) (group?.lines ?? lines).push(line);
    else if (command.name === 'stop-commands') pausedBy = command.data;
    else if (command.name === 'group') groups.push((group = { title: command.data, lines: [] }));
    else if (command.name === 'endgroup') group = undefined;
    else if (kinds.includes(command.name)) {
      const annotation = { kind: command.name, message: command.data, properties: command.properties };
      const shown = annotations.filter(({ kind }) => kind === command.name).length < shownOfKind;
      (shown ? annotations : dropped).push(annotation);
    } else others.push(command.name);
  }
  return { annotations, dropped, groups, lines, others, leftOpen: group !== undefined || pausedBy !== undefined };
}

/** How a step of a job ended. */
export interface JobStep extends JobLog {
  readonly result: CliResult;
  /** Markdown on the page of the job. */
  readonly summary: string;
}

/** Runs the command line as a step of a job. */
export async function runJobStep(project: CliProject, args: readonly string[], options: CliOptions = {}): Promise<JobStep> {
  const files = { GITHUB_STEP_SUMMARY: 'summary', GITHUB_OUTPUT: 'output', GITHUB_ENV: 'env', GITHUB_PATH: 'path' };
  for (const name of Object.values(files)) await project.write(`_temp/_runner_file_commands/${name}`, '');
  const result = await project.run(args, {
    ...options,
    env: {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: project.root,
      GITHUB_REPOSITORY: 'octo/shop',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: '0'.repeat(40),
      GITHUB_RUN_ID: '1',
      GITHUB_JOB: 'checks',
      RUNNER_OS: 'Linux',
      RUNNER_TEMP: project.path('_temp'),
      ...Object.fromEntries(Object.entries(files).map(([name, file]) => [name, project.path('_temp/_runner_file_commands', file)])),
      ...options.env,
    },
  });
  return { ...readLog(result.stdout), result, summary: await project.read('_temp/_runner_file_commands/summary') };
}
