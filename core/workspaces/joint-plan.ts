import type { ChildNode, Plan, SequenceNode } from '../contract/plan.ts';

/** What a joint plan is made of. */
export interface JointMember {
  readonly name: string;
  /** Relative to the workspace, with `/`. */
  readonly folder: string;
  readonly after: readonly string[];
  readonly plan: Plan;
}

/** The id that a node of a package's plan has in the joint one; for the root of its plan, the package's name. */
export function nodeId({ name, plan }: Pick<JointMember, 'name' | 'plan'>, id: string): string {
  if (id === plan.id) return name;
  // The id that was made for a group still reads like one: `all(cart:types,lint)`.
  return /^(?:all|any|atLeast|sequence)\(/.test(id) ? id.replace('(', `(${name}:`) : `${name}:${id}`;
}

/** One plan of the plans of several packages: a group of sequences. */
export function joinPlans(
  name: string,
  members: readonly JointMember[],
  settings: Pick<Plan, 'failFast' | 'timeoutMs' | 'failOnFlaky'>,
): Plan {
  const weight = members.length === 0 ? 0 : 100 / members.length;
  const secrets = [...new Set(members.flatMap(({ plan }) => plan.secrets ?? []))];
  const packages: ChildNode = {
    kind: 'group',
    id: 'all(packages)',
    description: 'each after those that it depends on',
    weight: 100,
    operator: 'all',
    required: members.length,
    settle: 'all',
    onConflict: 'last',
    children: members.map((member) => sequenceOf(member, weight)),
  };
  return {
    kind: 'pipeline',
    id: name,
    weight: 100,
    ...settings,
    ...(secrets.length === 0 ? {} : { secrets }),
    children: [packages],
  };
}

function sequenceOf(member: JointMember, weight: number): SequenceNode {
  const { name, plan, after } = member;
  const description = after.length === 0 ? plan.description : [plan.description, `after ${after.join(', ')}`].filter(Boolean).join(', ');
  return {
    kind: 'sequence',
    id: name,
    ...(description === undefined ? {} : { description }),
    weight,
    children: plan.children.map((child) => rename(child, member, weight / 100)),
  };
}

function rename(node: ChildNode, member: JointMember, share: number): ChildNode {
  const { location } = node;
  const own = {
    id: nodeId(member, node.id),
    weight: node.weight * share,
    ...(location === undefined ? {} : { location: { ...location, file: `${member.folder}/${location.file}` } }),
  };
  if (node.kind !== 'step') return { ...node, ...own, children: node.children.map((child) => rename(child, member, share)) };
  const { inputs, outputs } = node;
  return {
    ...node,
    ...own,
    ...(inputs === undefined ? {} : { inputs: inputs.map((pattern) => inFolder(pattern, member.folder)) }),
    ...(outputs === undefined ? {} : { outputs: outputs.map((pattern) => inFolder(pattern, member.folder)) }),
  };
}

/** A pattern of a package's files as one of the workspace's. */
export function inFolder(pattern: string, folder: string): string {
  return pattern.startsWith('!') ? `!${folder}/${pattern.slice(1)}` : `${folder}/${pattern}`;
}
