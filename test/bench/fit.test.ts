import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { fitGrowth } from './fit.ts';

const sizes = [100, 1000, 10_000, 100_000];
const close = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${actual} is not ${expected}`);

describe('how a cost grows', () => {
  it('is found exactly for a line, whatever it starts from', () => {
    const { perUnit, exponent, at } = fitGrowth(sizes.map((size) => ({ size, cost: 80 + size / 4 })));
    close(perUnit, 0.25, 1e-9);
    close(exponent, 1, 1e-9);
    close(at(1_000_000), 250_080, 1e-9);
  });

  it('is told apart from a square', () => {
    const { exponent, at } = fitGrowth(sizes.map((size) => ({ size, cost: 50 + 2e-6 * (size - 100) ** 2 })));
    close(exponent, 2, 1e-9);
    close(at(1_000_100), 2_000_050, 1e-6);
  });

  it('stays close when measurements are up to a tenth off', () => {
    const off = fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(off, fc.double({ min: 0.8, max: 2.2, noNaN: true }), (factors, power) => {
        const points = sizes.map((size, index) => ({ size, cost: index === 0 ? 10 : 10 + (factors[index] ?? 1) * (size - 100) ** power }));
        assert.ok(Math.abs(fitGrowth(points).exponent - power) < 0.06);
      }),
    );
  });

  it('hardly depends on sizes whose cost is mostly that of the smallest', () => {
    const costs = [100, 101, 190, 1000];
    const moved = [100, 104, 190, 1000];
    const exponents = [costs, moved].map((list) => fitGrowth(list.map((cost, index) => ({ size: sizes[index] ?? 0, cost }))).exponent);
    for (const exponent of exponents) assert.ok(Math.abs(exponent - 1) < 0.1, String(exponent));
  });

  it('is none where nothing rises', () => {
    const growth = fitGrowth(sizes.map((size, index) => ({ size, cost: index === 2 ? 101 : 100 })));
    assert.equal(growth.exponent, 0);
    assert.equal(growth.at(1_000_000), 100);
  });

  it('does not depend on the order, and takes three sizes', () => {
    const points = sizes.map((size) => ({ size, cost: size }));
    assert.equal(fitGrowth(points.toReversed()).exponent, fitGrowth(points).exponent);
    assert.throws(() => fitGrowth(points.slice(0, 2)), RangeError);
  });
});
