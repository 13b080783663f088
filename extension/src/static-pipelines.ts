import { readFile } from 'node:fs/promises';
import { parse } from 'jsonc-parser';
import type { ChildNode, GroupNode, Operator, Plan, StepNode } from '../../core/contract/plan.ts';
import type { PipelineInfo } from '../../core/contract/rpc.ts';

/** Larger files are not looked at before the folder is trusted. */
const largest = 1024 * 1024;
const operators: readonly Operator[] = ['all', 'any', 'atLeast'];

/**
 * The pipeline of a JSON file, read without running anything: what can be shown of a folder that is not trusted. It
 * shows the shape only; what is wrong with the file is told by the engine. A file of another kind has none.
 */
export async function readStaticPipelines(configFile: string): Promise<readonly PipelineInfo[]> {
  if (!configFile.endsWith('.json')) return [];
  const text = await readFile(configFile, 'utf8').catch(() => '');
  if (text === '' || text.length > largest) return [];
  const value: unknown = parse(text, [], { allowTrailingComma: true });
  const steps = field(value, 'steps');
  if (!Array.isArray(steps)) return [];
  const taken = new Set(['pipeline']);
  const children = steps.flatMap((step) => readNode(step, taken));
  const plan: Plan = { kind: 'pipeline', id: 'pipeline', weight: 100, failFast: true, children };
  return [{ name: textField(value, 'name') ?? 'default', plan, isDefault: true }];
}

function readNode(value: unknown, taken: Set<string>): readonly ChildNode[] {
  if (Array.isArray(value)) return [group('all', value, value, taken)];
  for (const operator of operators) {
    const children = field(value, operator);
    if (Array.isArray(children)) return [group(operator, value, children, taken)];
  }
  const sequence = field(value, 'sequence');
  if (Array.isArray(sequence)) {
    const children = sequence.flatMap((child) => readNode(child, taken));
    return [{ kind: 'sequence', id: claim(textField(value, 'id') ?? 'sequence', taken), weight: 0, ...description(value), children }];
  }
  const id = textField(value, 'id');
  return id === undefined ? [] : [step(value, claim(id, taken))];
}

function group(operator: Operator, value: unknown, entries: readonly unknown[], taken: Set<string>): GroupNode {
  const id = claim(textField(value, 'id') ?? operator, taken);
  const children = entries.flatMap((child) => readNode(child, taken));
  const count = field(value, 'count');
  const required = operator === 'all' ? children.length : operator === 'atLeast' && typeof count === 'number' ? count : 1;
  return { kind: 'group', id, weight: 0, ...description(value), operator, required, settle: 'all', onConflict: 'last', children };
}

function step(value: unknown, id: string): StepNode {
  const uses = textField(value, 'uses');
  return {
    kind: 'step',
    id,
    weight: 0,
    ...description(value),
    ...(uses === undefined ? {} : { uses }),
    executor: 'inline',
    retries: 0,
    backoff: { delayMs: 0, factor: 1, maxMs: 0 },
    critical: true,
    when: 'on-success',
  };
}

function description(value: unknown): { readonly description?: string } {
  const text = textField(value, 'description');
  return text === undefined ? {} : { description: text };
}

function claim(id: string, taken: Set<string>): string {
  let free = id;
  for (let number = 2; taken.has(free); number += 1) free = `${id}#${number}`;
  taken.add(free);
  return free;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function textField(value: unknown, name: string): string | undefined {
  const text = field(value, name);
  return typeof text === 'string' ? text : undefined;
}
