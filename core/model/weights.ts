/** A tree whose nodes may say what share of the whole they want, in percent. */
export interface WeightTree {
  readonly weight?: number | undefined;
  /** Absent for a step. */
  readonly children?: readonly WeightTree[];
}

/**
 * Shares 100 percent among the nodes of a tree. Children with a weight get it, clamped to 0..100; those without share
 * equally what is left. Where that does not come out even, the explicit ones are scaled, so that children always sum to
 * what their parent has. What holds no steps gets nothing: the weights of the steps sum to 100.
 */
export function shareWeights<Tree extends WeightTree>(root: Tree): ReadonlyMap<WeightTree, number> {
  const weights = new Map<WeightTree, number>();
  const occupied = new Set<WeightTree>();
  markOccupied(root, occupied);
  share(root, 100, { weights, occupied });
  return weights;
}

function markOccupied(node: WeightTree, occupied: Set<WeightTree>): boolean {
  let holdsSteps = node.children === undefined;
  for (const child of node.children ?? []) if (markOccupied(child, occupied)) holdsSteps = true;
  if (holdsSteps) occupied.add(node);
  return holdsSteps;
}

interface Sharing {
  readonly weights: Map<WeightTree, number>;
  readonly occupied: ReadonlySet<WeightTree>;
}

function share(node: WeightTree, total: number, sharing: Sharing): void {
  sharing.weights.set(node, total);
  const { children } = node;
  if (children === undefined) return;
  const occupied = children.filter((child) => sharing.occupied.has(child));
  const heirs = occupied.length > 0 ? occupied : children;
  const portions = portionsOf(heirs, total).values();
  const inherits = occupied.length > 0 ? sharing.occupied : new Set(children);
  for (const child of children) share(child, inherits.has(child) ? (portions.next().value ?? 0) : 0, sharing);
}

function portionsOf(heirs: readonly WeightTree[], total: number): readonly number[] {
  const wanted = heirs.map(({ weight }) => (weight === undefined ? undefined : Math.min(100, Math.max(0, weight))));
  const sum = wanted.reduce<number>((before, weight = 0) => before + weight, 0);
  const open = wanted.filter((weight) => weight === undefined).length;
  if (open === 0 && sum === 0) return heirs.map(() => total / heirs.length);
  if (open > 0 && sum <= total) return wanted.map((weight) => weight ?? (total - sum) / open);
  // In this order, or the smallest of numbers would overflow.
  return wanted.map((weight = 0) => (weight / sum) * total);
}
