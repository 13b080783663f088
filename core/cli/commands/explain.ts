import { explainStep as explain, type StepExplanation } from '../../cache/explain.ts';
import type { LoadedPipeline, Project } from '../../config/load-project.ts';
import { loadProject } from '../../config/load-project.ts';
import { encodeSegment } from '../../context/segment.ts';
import { TreadleError, type ExitCode } from '../../contract/errors.ts';
import type { StepNode } from '../../contract/plan.ts';
import { suggest } from '../../model/suggest.ts';
import type { Paint } from '../../reporters/style.ts';
import { stepsOf } from '../../watch/affected.ts';
import type { Console } from '../console.ts';
import type { ExplainFlags } from '../flags.ts';
import { warnOfReadOnly } from '../not-kept.ts';
import { locateProject } from '../project-location.ts';

/** So many changes are listed. */
const shownChanges = 20;

/** `treadle explain`: what a step depends on, and whether it would run now. */
export async function explainStep(id: string, flags: ExplainFlags, console: Console): Promise<ExitCode> {
  console.reserveStdout();
  const project = await loadProject(locateProject(flags));
  const { pipeline, node } = findStep(project, id, flags.pipeline);
  const code = pipeline.code.get(id);
  if (code === undefined) throw new TreadleError('E_INTERNAL', `Step "${id}" has no code.`);
  const input = { node, code, config: encodeSegment(pipeline.config, 'config') };
  const explanation = await explain(input, { root: project.root, pipeline: pipeline.name });
  warnOfReadOnly([project], {}, console);
  const { inputs = [], outputs = [] } = node;
  if (flags.json === true) {
    const all = { id, pipeline: pipeline.name, ...explanation, inputs, outputs, env: Object.keys(node.env ?? {}) };
    console.out.write(`${JSON.stringify(all, undefined, 2)}\n`);
  } else console.out.write(render(node, pipeline.name, explanation, console.out.paint));
  return 0;
}

function render(node: StepNode, pipeline: string, explanation: StepExplanation, paint: Paint): string {
  const { location } = node;
  const place = location === undefined ? '' : paint('dim', `, ${location.file}:${location.line}`);
  const lines = [`${paint('bold', node.id)}${paint('dim', ` in pipeline ${pipeline}`)}${place}`, ...verdictLines(explanation, paint)];
  if (explanation.verdict !== 'uncached') lines.push('', ...dependencyLines(node, explanation, paint));
  return `${lines.join('\n')}\n`;
}

function verdictLines({ verdict, changes, reads }: StepExplanation, paint: Paint): readonly string[] {
  switch (verdict) {
    case 'uncached':
      return [
        `  ${paint('yellow', 'runs every time')}: it does not say which files it reads.`,
        `  With ${paint('bold', "inputs: ['src/**']")}, for instance, its results are used again until one of those changes.`,
      ];
    case 'new':
      return [`  ${paint('yellow', 'would run')}: it has not passed yet.`];
    case 'changed': {
      const more = changes.length - shownChanges;
      const shown = changes.slice(0, shownChanges).map((change) => `    ${change}`);
      return [`  ${paint('yellow', 'would run')}; since it last passed`, ...shown, ...(more > 0 ? [`    and ${more} more`] : [])];
    }
    case 'unchanged': {
      const condition = reads.length === 0 ? '' : `, as long as ${listed(reads)} ${reads.length === 1 ? 'stays' : 'stay'} the same`;
      return [`  ${paint('green', 'would not run')}: nothing has changed since it last passed. Its results are used again${condition}.`];
    }
  }
}

function dependencyLines(node: StepNode, { inputFiles, reads }: StepExplanation, paint: Paint): readonly string[] {
  const { inputs = [], outputs = [], env = {} } = node;
  const rows: readonly (readonly [string, string])[] = [
    ['files', `${inputFiles === 1 ? '1 file' : `${inputFiles} files`} in ${inputs.join(', ')}, and lock files`],
    ['context', reads.length === 0 ? 'nothing, the last time' : `${listed(reads)}, the last time`],
    ...(Object.keys(env).length === 0 ? [] : [['variables', Object.keys(env).join(', ')] as const]),
    ['also', 'its code and options, the config, and the versions of Node and Treadle'],
    ...(outputs.length === 0 ? [] : [['restores', outputs.join(', ')] as const]),
  ];
  return [paint('bold', '  It depends on'), ...rows.map(([name, value]) => `    ${paint('dim', name.padEnd(10))}${value}`)];
}

function listed(keys: readonly string[]): string {
  return keys.map((key) => `results.${key}`).join(', ');
}

function findStep(project: Project, id: string, name: string | undefined): { readonly pipeline: LoadedPipeline; readonly node: StepNode } {
  const pipelines = name === undefined ? [...project.pipelines.values()] : [project.pipelines.get(name)];
  const ids: string[] = [];
  for (const pipeline of pipelines) {
    if (pipeline === undefined) throw unknownPipeline(project, name ?? '');
    for (const node of stepsOf(pipeline.plan)) {
      if (node.id === id) return { pipeline, node };
      ids.push(node.id);
    }
  }
  const near = suggest(id, ids);
  throw new TreadleError('E_STEP_UNKNOWN', `There is no step "${id}".`, {
    hint: near === undefined ? 'treadle list shows all of them.' : `Did you mean "${near}"? treadle list shows all of them.`,
  });
}

function unknownPipeline(project: Project, name: string): TreadleError {
  return new TreadleError('E_PIPELINE_UNKNOWN', `There is no pipeline "${name}".`, {
    hint: `Name one of: ${[...project.pipelines.keys()].join(', ')}.`,
  });
}
