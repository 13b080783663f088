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
 * deviations that count; otherwise the largest size alone would decide.
 *
 * @throws `RangeError` when there are fewer than three sizes.
 */
export function fitGrowth(points: readonly Point[]): Growth {
  const [first, ...others] = points.toSorted((a, b) => a.size - b.size);
  if (first === undefined || others.length < 2) throw new RangeError('A growth takes three sizes or more.');
  // A cost that did not rise at all has no logarithm; it is noise.
  const rises = others.flatMap(({ size, cost }) => (cost > first.cost ? [{ x: size - first.size, y: cost - first.cost }] : []));
  if (rises.length < 2) return { base: first.cost, perUnit: 0, exponent: 0, at: () => first.cost };
  const line = slope(rises.map(({ x, y }) => ({ x: x / y, y: 1 })));
  const logs = rises.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }));
  const [meanX, meanY] = [mean(logs.map(({ x }) => x)), mean(logs.map(({ y }) => y))];
  const exponent = slope(logs.map(({ x, y }) => ({ x: x - meanX, y: y - meanY })));
  return {
    base: first.cost,
    perUnit: line,
    exponent,
    at: (size) => (size <= first.size ? first.cost : first.cost + Math.exp(meanY + exponent * (Math.log(size - first.size) - meanX))),
  };
}

/** Of the line through the origin that fits best. */
function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const [products, squares] = points.reduce(([sum, square], { x, y }) => [sum + x * y, square + x * x], [0, 0]);
  return products / squares;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
