import type { ProblemMatcherObject, ProblemPattern } from './types.ts';

interface NamedMatcher extends Pick<ProblemMatcherObject, 'severity' | 'fileLocation'> {
  readonly source: string;
  readonly pattern: readonly ProblemPattern[];
}

const inCommandFolder: ProblemMatcherObject['fileLocation'] = ['relative', '${cwd}'];

const tsc: NamedMatcher = {
  source: 'tsc',
  fileLocation: inCommandFolder,
  pattern: [
    {
      // a.ts(3,7): error TS2322: …   and, with --pretty:   a.ts:3:7 - error TS2322: …
      regexp: String.raw`^(\S.*?)[(:](\d+)[,:](\d+)(?:\):|\s+-)\s+(error|warning|info)\s+(TS\d+)\s*:\s*(.*)$`,
      file: 1,
      line: 2,
      column: 3,
      severity: 4,
      code: 5,
      message: 6,
    },
  ],
};

const matchers: ReadonlyMap<string, NamedMatcher> = new Map<string, NamedMatcher>([
  ['$tsc', tsc],
  // What watch mode adds in VS Code are the marks between builds; a step ends with its command.
  ['$tsc-watch', tsc],
  [
    '$eslint-stylish',
    {
      source: 'eslint',
      fileLocation: 'autoDetect',
      pattern: [
        { regexp: String.raw`^((?:[A-Za-z]:)?[./\\]+\S.*)$`, file: 1 },
        {
          // The rule is what stands after two spaces or more; fatal errors have none.
          regexp: String.raw`^\s+(\d+):(\d+)\s+(error|warning|info)\s+(\S.*?)(?:\s\s+(\S+))?\s*$`,
          line: 1,
          column: 2,
          severity: 3,
          message: 4,
          code: 5,
          loop: true,
        },
      ],
    },
  ],
  [
    '$eslint-compact',
    {
      source: 'eslint',
      fileLocation: 'autoDetect',
      pattern: [
        {
          regexp: String.raw`^(.+):\sline\s(\d+),\scol\s(\d+),\s(Error|Warning|Info)\s-\s(.+?)(?:\s\(([^()\s]+)\))?$`,
          file: 1,
          line: 2,
          column: 3,
          severity: 4,
          message: 5,
          code: 6,
        },
      ],
    },
  ],
  [
    '$biome',
    {
      source: 'biome',
      fileLocation: inCommandFolder,
      pattern: [
        // src/a.ts:1:5 lint/suspicious/noDebugger  FIXABLE  ━━━━
        { regexp: String.raw`^(\S.*?):(\d+):(\d+)\s+([a-z]+(?:/\w+)*)\s.*\u2501\u2501$`, file: 1, line: 2, column: 3, code: 4 },
        { regexp: '^$' },
        { regexp: String.raw`^\s+[\u00d7\u2716!\u26a0\u2139i]\s+(.*)$`, message: 1 },
      ],
    },
  ],
  [
    // standard and semistandard.
    '$standard',
    {
      source: 'standard',
      fileLocation: 'autoDetect',
      pattern: [
        {
          regexp: String.raw`^\s+(\S.*?):(\d+):(\d+): (.+?)(?: \(([\w@/-]+)\))?(?: \(warning\))?$`,
          file: 1,
          line: 2,
          column: 3,
          message: 4,
          code: 5,
        },
      ],
    },
  ],
  [
    '$gcc',
    {
      source: 'gcc',
      fileLocation: ['autoDetect', '${cwd}'],
      pattern: [
        {
          regexp: String.raw`^(.*?):(\d+):(?:(\d+):)?\s+(?:fatal\s+)?(warning|error|note):\s+(.*)$`,
          file: 1,
          line: 2,
          column: 3,
          severity: 4,
          message: 5,
        },
      ],
    },
  ],
  [
    '$go',
    {
      source: 'go',
      fileLocation: inCommandFolder,
      pattern: [
        {
          regexp: String.raw`^(?:[^:\s]+:\s)?((?:[A-Za-z]:)?[^:\s][^:]*\.go):(\d+)(?::(\d+))?:\s(.*)$`,
          file: 1,
          line: 2,
          column: 3,
          message: 4,
        },
      ],
    },
  ],
]);

/** Names of the matchers that come with Treadle: those of VS Code that a command line can use, and some for other tools. */
export const matcherNames: readonly string[] = [...matchers.keys()];

/** A matcher by its name. */
export function namedMatcher(name: string): NamedMatcher | undefined {
  return matchers.get(name);
}

export function isMatcherName(name: string): boolean {
  return matchers.has(name);
}

/** Whether a matcher of one's own can name it as its pattern. */
export function isPatternName(name: string): boolean {
  return matchers.has(name);
}
