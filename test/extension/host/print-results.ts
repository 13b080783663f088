import type { TestResult } from './results.ts';

/** Prints results as they come, the way mocha's `spec` reporter does. */
export function createPrinter(print: (line: string) => void): { add(result: TestResult): void; end(): void } {
  const all: TestResult[] = [];
  const colour = (code: number, text: string): string => (process.stdout.hasColors?.() === true ? `\x1b[${code}m${text}\x1b[0m` : text);
  const marks = { passed: colour(32, '✔'), failed: colour(31, '✘'), skipped: colour(36, '-') } as const;
  let path: readonly string[] = [];
  return {
    add: (result) => {
      const shared = result.path.findIndex((title, index) => path[index] !== title);
      if (shared !== -1)
        for (const [index, title] of result.path.entries()) if (index >= shared) print(`${'  '.repeat(index + 1)}${title}`);
      path = result.path;
      all.push(result);
      const time = result.durationMs > 75 ? colour(90, ` (${Math.round(result.durationMs)}ms)`) : '';
      print(`${'  '.repeat(path.length + 1)}${marks[result.status]} ${result.title}${time}`);
      for (const note of result.notes ?? []) print(`${'  '.repeat(path.length + 2)}${colour(90, note)}`);
    },
    end: () => {
      const count = (status: TestResult['status']): number => all.filter((result) => result.status === status).length;
      print(`\n  ${count('passed')} passing, ${count('failed')} failing, ${count('skipped')} pending`);
      for (const [index, { path, title, error = '' }] of all.filter(({ status }) => status === 'failed').entries()) {
        print(`\n  ${index + 1}) ${[...path, title].join(' › ')}\n${error.replaceAll(/^/gm, '     ')}`);
      }
    },
  };
}
