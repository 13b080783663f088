import type { ChildNode, GroupNode, Plan, PlanNode, StepNode } from '../contract/plan.ts';
import type { Paint } from '../reporters/style.ts';

/** A duration as people write it: `90s` and `2m` rather than 90000. */
export function shortDuration(ms: number): string {
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms >= 1000 && ms % 100 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

const percent = (weight: number): string => `${Number(weight.toFixed(1))} %`;

/** How many steps a node holds. */
export function countSteps(node: PlanNode): number {
  return node.kind === 'step' ? 1 : node.children.reduce((sum, child) => sum + countSteps(child), 0);
}

function operatorOf(group: GroupNode): string {
  if (group.operator === 'all') return 'all of';
  return group.operator === 'any' ? 'any of' : `at least ${group.required} of`;
}

function stepDetails(step: StepNode): string[] {
  return [
    step.uses ?? 'function',
    step.executor,
    ...(step.timeoutMs === undefined ? [] : [`timeout ${shortDuration(step.timeoutMs)}`]),
    ...(step.retries === 0 ? [] : [`retries ${step.retries}`]),
    ...(step.critical ? [] : ['not critical']),
    ...(step.when === 'on-success' ? [] : [`when ${step.when}`]),
    percent(step.weight),
  ];
}

function groupDetails(node: Exclude<ChildNode, StepNode>): string[] {
  return [
    ...(node.kind === 'group' && node.maxWorkers !== undefined ? [`${node.maxWorkers} at a time`] : []),
    ...(node.kind === 'group' && node.settle === 'first' ? ['settles first'] : []),
    ...(node.timeoutMs === undefined ? [] : [`timeout ${shortDuration(node.timeoutMs)}`]),
    percent(node.weight),
  ];
}

interface Row {
  /** Branches of the tree. */
  readonly lead: string;
  readonly label: string;
  readonly node: ChildNode;
}

function rows(children: readonly ChildNode[], indent: string): Row[] {
  return children.flatMap((node, index) => {
    const last = index === children.length - 1;
    const row: Row = { lead: `${indent}${last ? '└─ ' : '├─ '}`, label: node.id, node };
    return node.kind === 'step' ? [row] : [row, ...rows(node.children, `${indent}${last ? '   ' : '│  '}`)];
  });
}

/** What to say about each node: what it is for, or how exactly it will run. */
export type PlanDetail = 'purpose' | 'execution';

function remark(node: ChildNode, detail: PlanDetail): string {
  const kind = node.kind === 'group' ? operatorOf(node) : 'in order';
  if (detail === 'execution') return node.kind === 'step' ? stepDetails(node).join(' · ') : [kind, ...groupDetails(node)].join(' · ');
  const what = node.kind === 'step' ? (node.uses ?? 'function') : kind;
  return node.description === undefined ? what : `${what} · ${node.description}`;
}

/** A plan as a tree of lines, each ended by a newline. */
export function renderPlan(plan: Plan, detail: PlanDetail, paint: Paint): string {
  const all = rows(plan.children, '');
  const width = Math.min(40, Math.max(0, ...all.map((row) => row.lead.length + row.label.length)));
  const count = countSteps(plan);
  const heading = [
    paint('bold', plan.id),
    paint(
      'dim',
      [
        `${count} ${count === 1 ? 'step' : 'steps'}`,
        ...(detail === 'execution' && plan.timeoutMs !== undefined ? [`timeout ${shortDuration(plan.timeoutMs)}`] : []),
        ...(detail === 'execution' && plan.concurrency !== undefined ? [`${plan.concurrency} at a time`] : []),
        ...(detail === 'execution' && !plan.failFast ? ['runs on after failures'] : []),
        ...(plan.description === undefined ? [] : [plan.description]),
      ].join(' · '),
    ),
  ].join('  ');
  const lines = all.map(({ lead, label, node }) => {
    const gap = ' '.repeat(Math.max(0, width - lead.length - label.length));
    const name = node.kind === 'step' ? label : paint('italic', label);
    return `${paint('dim', lead)}${name}${gap}  ${paint('dim', remark(node, detail))}`;
  });
  return [heading, ...lines].map((line) => `${line}\n`).join('');
}
