/** What something of one size costs. */
export interface Point {
  readonly size: number;
  readonly cost: number;
}

/** How a cost grows with a size. */
export interface Growth {
  /** What it costs however small it is: that of the smallest size. */
  readonly base: number;
  /** What one more costs, were it linear. */
  readonly perUnit: number;
  /** The cost above the base grows with the size to the power of this: 1 is linear. */
  readonly exponent: number;
  /** The cost of a size, by the power law. */
  at(size: number): number;
}

/**
 * Fits a line and a power law to measured costs, each by least squares. Sizes lie powers of ten apart, so it is relative
 * deviations that count; otherwise the largest size alone would decide. A rise that is little beside the cost itself says
 * little, for it is mostly noise.
 *
 * @throws `RangeError` when there are fewer than three sizes.
 */
export function fitGrowth(points: readonly Point[]): Growth {
  const [first, ...others] = points.toSorted((a, b) => a.size - b.size);
  if (first === undefined || others.length < 2) throw new RangeError('A growth takes three sizes or more.');
  const base = first.cost;
  // What did not rise at all has no logarithm.
  const rises = others.flatMap(({ size, cost }) =>
    cost > base ? [{ more: size - first.size, rise: cost - base, part: (cost - base) / cost }] : [],
  );
  if (rises.length < 2) return { base, perUnit: 0, exponent: 0, at: () => base };
  const perUnit = slope(rises.map(({ more, rise, part }) => ({ x: (more * part) / rise, y: part })));
  const logs = rises.map(({ more, rise, part }) => ({ x: Math.log(more), y: Math.log(rise), weight: part ** 2 }));
  const [meanX, meanY] = [mean(logs, ({ x }) => x), mean(logs, ({ y }) => y)];
  const exponent = slope(logs.map(({ x, y, weight }) => ({ x: (x - meanX) * Math.sqrt(weight), y: (y - meanY) * Math.sqrt(weight) })));
  return {
    base,
    perUnit,
    exponent,
    at: (size) => (size <= first.size ? base : base + Math.exp(meanY + exponent * (Math.log(size - first.size) - meanX))),
  };
}

/** Of the line through the origin that fits best. */
function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const [products, squares] = points.reduce(([sum, square], { x, y }) => [sum + x * y, square + x * x], [0, 0]);
  return products / squares;
}

interface Weighted {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

function mean(values: readonly Weighted[], of: (value: Weighted) => number): number {
  const total = values.reduce((sum, { weight }) => sum + weight, 0);
  return values.reduce((sum, value) => sum + of(value) * value.weight, 0) / total;
}
