import type { Command, Option } from 'commander';
import type { ExitCode } from '../../contract/errors.ts';
import type { ChildNode } from '../../contract/plan.ts';
import { loadProject, type Project } from '../../config/load-project.ts';
import { ciSystems } from '../../init/ci-files.ts';
import { reporterNames } from '../../reporters/registry.ts';
import type { Console } from '../console.ts';
import { shells } from '../flags.ts';
import { createProgram } from '../program.ts';
import { locateProject } from '../project-location.ts';

/** One thing that the word under the cursor may become. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** The command line up to the cursor, as far as completion needs to understand it. */
interface Line {
  readonly command: Command;
  readonly operands: readonly string[];
  /** The option whose value is being typed. */
  readonly option: Option | undefined;
  readonly values: { readonly cwd?: string; readonly config?: string };
}

const takesValue = (option: Option): boolean => option.required || option.optional;

function optionsOf(program: Command, command: Command): readonly Option[] {
  const runs = command === program ? (program.commands.find((each) => each.name() === 'run')?.options ?? []) : [];
  return [...command.options, ...runs, ...(command === program ? [] : program.options)].filter((option) => !option.hidden);
}

/** Reads the words before the one under the cursor. */
function readLine(program: Command, words: readonly string[]): Line {
  let command = program;
  let option: Option | undefined;
  const operands: string[] = [];
  const values: { cwd?: string; config?: string } = {};
  for (const word of words) {
    if (option !== undefined && !(option.variadic && word.startsWith('-'))) {
      if (option.long === '--cwd') values.cwd = word;
      if (option.long === '--config') values.config = word;
      if (!option.variadic) option = undefined;
    } else if (word.startsWith('-')) {
      const found = optionsOf(program, command).find((each) => each.long === word || each.short === word);
      option = found !== undefined && takesValue(found) ? found : undefined;
    } else {
      const child = operands.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      if (child === undefined) operands.push(word);
      else command = child;
    }
  }
  return { command, operands, option, values };
}

/** The project, or nothing: completion must never get in the way. */
async function projectOf(line: Line): Promise<Project | undefined> {
  try {
    return await loadProject(locateProject(line.values));
  } catch {
    return undefined;
  }
}

async function pipelineNames(line: Line): Promise<Candidate[]> {
  const project = await projectOf(line);
  return [...(project?.pipelines.values() ?? [])].map(({ name, plan }) => ({ value: name, description: plan.description ?? 'pipeline' }));
}

function nodesOf(children: readonly ChildNode[]): Candidate[] {
  return children.flatMap((node) => [
    { value: node.id, description: node.description ?? (node.kind === 'step' ? (node.uses ?? 'function') : node.kind) },
    ...(node.kind === 'step' ? [] : nodesOf(node.children)),
  ]);
}

function stepsIn(children: readonly ChildNode[]): Candidate[] {
  return children.flatMap((node) =>
    node.kind === 'step' ? [{ value: node.id, description: node.description ?? node.uses ?? 'function' }] : stepsIn(node.children),
  );
}

async function stepIds(line: Line): Promise<Candidate[]> {
  const project = await projectOf(line);
  const named = line.operands[0] === undefined ? undefined : project?.pipelines.get(line.operands[0]);
  const pipelines = named === undefined ? [...(project?.pipelines.values() ?? [])] : [named];
  return pipelines.flatMap(({ plan }) => nodesOf(plan.children));
}

async function stepsOnly(line: Line): Promise<Candidate[]> {
  const project = await projectOf(line);
  return [...(project?.pipelines.values() ?? [])].flatMap(({ plan }) => stepsIn(plan.children));
}

async function valuesOf(line: Line, option: Option): Promise<Candidate[]> {
  switch (option.long) {
    case '--only':
    case '--from':
      return stepIds(line);
    case '--pipeline':
      return pipelineNames(line);
    case '--when-busy':
      return ['restart', 'latest', 'ignore'].map((value) => ({ value, description: 'what a change during a run does' }));
    case '--reporter':
      return reporterNames.map((value) => ({ value, description: 'reporter' }));
    case '--ci':
      return ciSystems.map((value) => ({ value, description: 'CI system' }));
    case '--executor':
      return ['threads', 'inline'].map((value) => ({ value, description: 'executor' }));
    default:
      return [];
  }
}

const describeOption = (option: Option): Candidate[] =>
  option.long === undefined || option.long === null ? [] : [{ value: option.long, description: option.description }];

const describeCommand = (command: Command): Candidate => ({ value: command.name(), description: command.summary() });

async function candidates(program: Command, line: Line, word: string): Promise<Candidate[]> {
  const { command, option } = line;
  if (option !== undefined && !(option.variadic && word.startsWith('-'))) return valuesOf(line, option);
  if (word.startsWith('-')) {
    const [flag, value] = word.split(/=(.*)/s);
    if (value === undefined) return optionsOf(program, command).flatMap(describeOption);
    const named = optionsOf(program, command).find((each) => each.long === flag);
    const offered = named === undefined ? [] : await valuesOf(line, named);
    return offered.map((each) => ({ ...each, value: `${flag}=${each.value}` }));
  }
  if (line.operands.length > 0) return [];
  if (command === program) return [...program.commands.map(describeCommand), ...(await pipelineNames(line))];
  if (command.name() === 'run') return pipelineNames(line);
  if (command.name() === 'watch') return pipelineNames(line);
  if (command.name() === 'explain') return stepsOnly(line);
  if (command.name() === 'completion') return shells.map((value) => ({ value, description: 'shell' }));
  return command.commands.map(describeCommand);
}

/** `treadle __complete -- WORDS…`: what the last word may become, a line each, for the scripts of the shells. */
export async function complete(words: readonly string[], console: Console): Promise<ExitCode> {
  console.reserveStdout();
  const program = createProgram(console, () => {});
  const word = words.at(-1) ?? '';
  const line = readLine(program, words.slice(0, -1));
  const unique = new Map((await candidates(program, line, word)).map((each) => [each.value, each]));
  const fitting = [...unique.values()].filter(({ value }) => value.startsWith(word));
  console.out.write(fitting.map(({ value, description }) => `${value}\t${description}\n`).join(''));
  return 0;
}
