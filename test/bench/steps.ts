import { definePipeline, step } from '../../core/index.ts';

// The steps that the benchmarks run on threads.
const eight = Array.from({ length: 8 }, (_, index) => index);

export default definePipeline([
  step('nothing', () => undefined),
  ...eight.map((index) =>
    step(`writes${index}`, ({ results }) => {
      results[`key${index}`] = { index };
    }),
  ),
  ...eight.map((index) =>
    step(`reads${index}`, ({ results }) => {
      const { big } = results;
      results[`key${index}`] = Array.isArray(big) ? big.length : -1;
    }),
  ),
  ...eight.map((index) =>
    step(`changes${index}`, ({ results }) => {
      // Each its own record of the large value.
      const { big } = results;
      if (Array.isArray(big)) big[index] = { changed: index };
    }),
  ),
]);
