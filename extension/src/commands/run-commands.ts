import * as vscode from 'vscode';
import type { NodeRecord, PipelineRecord, ProjectRecord } from '../store/records.ts';
import type { RunOrder } from '../store/run-control.ts';
import { stateWord } from '../tree/labels.ts';
import type { Command, CommandContext } from './context.ts';
import { createDoubleClicks, rowOf } from './double-clicks.ts';
import { nodeOf, targetOf, targetsOf } from './targets.ts';
import type { Target } from './targets.ts';

const t = vscode.l10n.t;

/** Commands that start, stop and repeat runs. */
export function runCommands({ model, pipelinesView, runsView }: CommandContext): { readonly [id: string]: Command } {
  const { store, runs } = model;
  const selected = (argument: unknown): Target | undefined => targetOf(argument, pipelinesView.selection);
  const orderOf = (node: NodeRecord): RunOrder => ({
    project: node.project,
    pipeline: node.pipeline,
    ...(node.kind === 'pipeline' ? {} : { only: [node.id] }),
  });

  /** Runs what is selected; several rows of one pipeline in one run. */
  async function run(targets: readonly Target[], debug: boolean): Promise<void> {
    const orders = new Map<string, RunOrder>();
    for (const target of targets) {
      if (target.kind === 'run' || target.kind === 'run-step') return rerun(target);
      const node = nodeOf(target, store);
      if (node === undefined) continue;
      const key = JSON.stringify([node.project, node.pipeline]);
      const order = orderOf(node);
      const before = orders.get(key);
      // The whole pipeline has everything that is selected below it.
      const only = before === undefined ? order.only : before.only && order.only && [...before.only, ...order.only];
      orders.set(key, { project: order.project, pipeline: order.pipeline, ...(only === undefined ? {} : { only }) });
    }
    if (orders.size === 0) return runPipeline();
    for (const order of orders.values()) await runs.run(debug ? { ...order, debug } : order);
  }

  async function runPipeline(): Promise<void> {
    const pipeline = await pickPipeline(t('Run which pipeline?'));
    if (pipeline !== undefined) await runs.run({ project: pipeline.project, pipeline: pipeline.name });
  }

  /** The default pipeline of each project; where there is none, the person chooses. */
  async function runAll(): Promise<void> {
    const defaults = store.projects.flatMap(({ pipelines }) => defaultOf(pipelines) ?? []);
    if (defaults.length === 0) return runPipeline();
    await Promise.all(defaults.map(({ project, name }) => runs.run({ project, pipeline: name })));
  }

  async function rerun(argument: unknown): Promise<void> {
    const target = targetOf(argument, runsView.selection);
    const record = target?.kind === 'run' || target?.kind === 'run-step' ? store.run(target.runId) : undefined;
    if (record === undefined) return;
    const only = target?.kind === 'run-step' ? [target.step] : record.only;
    await runs.run({ project: record.project, pipeline: record.pipeline, ...(only.length === 0 ? {} : { only }) });
  }

  async function stop(targets: readonly Target[]): Promise<void> {
    for (const target of targets) {
      if (target.kind === 'run') await runs.stopRun(target.runId);
      else {
        const node = nodeOf(target, store);
        if (node !== undefined) await runs.stop(node.key);
      }
    }
  }

  async function setWatch(argument: unknown, enabled: boolean): Promise<void> {
    const node = nodeOf(selected(argument), store);
    if (node !== undefined) await runs.setWatch(node.project, node.pipeline, enabled);
  }

  async function setWatchOfAll(enabled: boolean): Promise<void> {
    const others = store.projects.flatMap(({ pipelines }) => pipelines.filter(({ watched }) => watched !== enabled));
    for (const { project, name } of others) await runs.setWatch(project, name, enabled);
  }

  async function pickPipeline(title: string): Promise<PipelineRecord | undefined> {
    const all = store.projects.flatMap((project) => project.pipelines.map((pipeline) => ({ project, pipeline })));
    if (all.length <= 1) return all[0]?.pipeline;
    const items = all.map(({ project, pipeline }) => pickItem(project, pipeline));
    return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.pipeline;
  }

  function pickItem(project: ProjectRecord, pipeline: PipelineRecord) {
    const state = stateWord(store.node(pipeline.node)?.state ?? 'idle', t);
    const parts = [store.projects.length > 1 ? project.label : undefined, state, pipeline.watched ? t('reruns on save') : undefined];
    return { label: pipeline.name, description: parts.filter((part) => part !== undefined).join(' · '), pipeline };
  }

  const clicks = createDoubleClicks();
  const once =
    (work: Command, button: (argument: unknown) => string | undefined = rowOf): Command =>
    (argument, all) =>
      clicks.isSecond(button(argument)) ? undefined : work(argument, all);

  return {
    'treadle.run': once((argument, all) => run(targetsOf(argument, all, pipelinesView.selection), false)),
    'treadle.debug': once((argument) => run(targetsOf(argument, undefined, pipelinesView.selection), true)),
    'treadle.runAll': once(runAll, () => 'all'),
    'treadle.runPipeline': runPipeline,
    'treadle.runFrom': async (argument) => {
      const node = nodeOf(selected(argument), store);
      if (node !== undefined) await runs.run({ project: node.project, pipeline: node.pipeline, from: node.id });
    },
    'treadle.runFailed': async (argument) => {
      const node = argument === undefined ? undefined : nodeOf(targetOf(argument, []), store);
      await (node === undefined ? runs.runFailed() : runs.runFailed(node.project, node.pipeline));
    },
    'treadle.rerunLast': () => runs.rerunLast(),
    'treadle.rerun': once(rerun),
    'treadle.stop': (argument, all) => stop(targetsOf(argument, all, pipelinesView.selection)),
    // To stop once more is to kill. It has a name of its own, so that a button can say so.
    'treadle.kill': (argument, all) => stop(targetsOf(argument, all, pipelinesView.selection)),
    'treadle.stopAll': () => runs.stopAll(),
    'treadle.forceStop': () => runs.stopAll({ force: true }),
    'treadle.watch.enable': (argument) => setWatch(argument, true),
    'treadle.watch.disable': (argument) => setWatch(argument, false),
    'treadle.watch.enableAll': () => setWatchOfAll(true),
    'treadle.watch.disableAll': () => setWatchOfAll(false),
    'treadle.watch.toggle': async () => {
      const pipeline = await pickPipeline(t('Rerun which pipeline on save?'));
      if (pipeline !== undefined) await runs.setWatch(pipeline.project, pipeline.name, !pipeline.watched);
    },
  };
}

function defaultOf(pipelines: readonly PipelineRecord[]): PipelineRecord | undefined {
  return pipelines.find(({ isDefault }) => isDefault) ?? (pipelines.length === 1 ? pipelines[0] : undefined);
}
