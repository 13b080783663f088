import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as v from 'valibot';
import type { Diagnostic } from '../../core/index.ts';
import { ProblemCollector } from '../../plugins/problem-matchers/collect.ts';
import { compileMatchers } from '../../plugins/problem-matchers/compile.ts';
import { problemMatcher } from '../../plugins/problem-matchers/definition.ts';
import type { ProblemMatcherOption } from '../../plugins/problem-matchers/types.ts';

const place = { root: '/project', cwd: '/project' };

function problemsIn(matcher: ProblemMatcherOption, output: string, where = place): readonly Diagnostic[] {
  const collector = new ProblemCollector(compileMatchers(v.parse(problemMatcher, matcher)), where);
  return output
    .split('\n')
    .map((line) => collector.line(line))
    .filter((problem) => problem !== undefined);
}

function reject(matcher: unknown): string {
  const result = v.safeParse(problemMatcher, matcher);
  assert.equal(result.success, false);
  return result.issues?.map(({ message }) => message).join('; ') ?? '';
}

describe('$tsc', () => {
  const expected = {
    file: 'src/a.ts',
    line: 3,
    column: 7,
    severity: 'error',
    message: "Type 'string' is not assignable to type 'number'.",
    source: 'tsc',
    code: 'TS2322',
  };

  it('reads plain output', () => {
    assert.deepEqual(problemsIn('$tsc', "src/a.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'."), [expected]);
  });

  it('reads coloured output', () => {
    const pretty =
      "\u001b[96msrc/a.ts\u001b[0m:\u001b[93m3\u001b[0m:\u001b[93m7\u001b[0m - \u001b[91merror\u001b[0m\u001b[90m TS2322: \u001b[0mType 'string' is not assignable to type 'number'.\n\n\u001b[7m3\u001b[0m const n: number = 'x';\n\nFound 1 error in src/a.ts\u001b[90m:3\u001b[0m\n";
    assert.deepEqual(problemsIn('$tsc', pretty), [expected]);
  });

  it('takes names to be relative to the folder of the command', () => {
    const [problem] = problemsIn('$tsc', 'src/a.ts(1,1): error TS1: x', { root: '/project', cwd: '/project/packages/shop' });
    assert.equal(problem?.file, 'packages/shop/src/a.ts');
  });
});

describe('$eslint-stylish', () => {
  const output = `
/project/src/a.js
   1:5   error    'x' is assigned a value but never used  no-unused-vars
  10:12  warning  Unexpected console statement            no-console

/project/src/b.js
  2:1  error  Parsing error: Unexpected token

✖ 3 problems (2 errors, 1 warning)
`;

  it('reads the problems of each file', () => {
    assert.deepEqual(problemsIn('$eslint-stylish', output), [
      {
        file: 'src/a.js',
        line: 1,
        column: 5,
        severity: 'error',
        message: "'x' is assigned a value but never used",
        source: 'eslint',
        code: 'no-unused-vars',
      },
      {
        file: 'src/a.js',
        line: 10,
        column: 12,
        severity: 'warning',
        message: 'Unexpected console statement',
        source: 'eslint',
        code: 'no-console',
      },
      { file: 'src/b.js', line: 2, column: 1, severity: 'error', message: 'Parsing error: Unexpected token', source: 'eslint' },
    ]);
  });
});

describe('other named problem matchers', () => {
  it('$eslint-compact', () => {
    assert.deepEqual(problemsIn('$eslint-compact', '/project/a.js: line 4, col 2, Error - Missing semicolon. (semi)'), [
      { file: 'a.js', line: 4, column: 2, severity: 'error', message: 'Missing semicolon.', source: 'eslint', code: 'semi' },
    ]);
  });

  it('$gcc, with and without a column', () => {
    const output = "main.c:5:3: fatal error: no.h: No such file\nmain.c:9: warning: unused variable 'x'\nmain.c:1:2: note: declared here";
    assert.deepEqual(problemsIn('$gcc', output), [
      { file: 'main.c', line: 5, column: 3, severity: 'error', message: 'no.h: No such file', source: 'gcc' },
      { file: 'main.c', line: 9, column: 1, severity: 'warning', message: "unused variable 'x'", source: 'gcc' },
      { file: 'main.c', line: 1, column: 2, severity: 'info', message: 'declared here', source: 'gcc' },
    ]);
  });

  it('$biome, over several lines', () => {
    const output = [
      'src/a.js:1:1 lint/suspicious/noDebugger  FIXABLE  ━━━━━━━━━━',
      '',
      '  × This is an unexpected use of the debugger statement.',
      '  ',
      '  > 1 │ debugger;',
      '      │ ^^^^^^^^^',
      '',
      'src/b.ts:3:7 parse ━━━━━━━━━━━━━━━━',
      '',
      '  ✖ expected `,` but instead found `x`',
      'Checked 2 files in 9ms. No fixes applied.',
      'lint ━━━━━━━━━━━━━━━━━━━━',
      '',
      '  × Some errors were emitted while running checks.',
    ].join('\n');
    assert.deepEqual(
      problemsIn('$biome', output).map(({ file, line, column, code, message }) => [file, line, column, code, message]),
      [
        ['src/a.js', 1, 1, 'lint/suspicious/noDebugger', 'This is an unexpected use of the debugger statement.'],
        ['src/b.ts', 3, 7, 'parse', 'expected `,` but instead found `x`'],
      ],
    );
  });

  it('$standard', () => {
    const output =
      "standard: Use JavaScript Standard Style (https://standardjs.com)\n  /project/src/a.js:1:9: Extra semicolon. (semi)\n  src/b.js:2:1: 'x' is not defined. (no-undef) (warning)\n";
    assert.deepEqual(
      problemsIn('$standard', output).map(({ line, column, code, message }) => [line, column, code, message]),
      [
        [1, 9, 'semi', 'Extra semicolon.'],
        [2, 1, 'no-undef', "'x' is not defined."],
      ],
    );
  });

  it('$go', () => {
    assert.deepEqual(problemsIn('$go', './shop/cart.go:12:4: undefined: total\nvet: ./b.go:3: unreachable code'), [
      { file: 'shop/cart.go', line: 12, column: 4, severity: 'error', message: 'undefined: total', source: 'go' },
      { file: 'b.go', line: 3, column: 1, severity: 'error', message: 'unreachable code', source: 'go' },
    ]);
  });
});

describe("a problem matcher in VS Code's form", () => {
  it('takes groups 1 to 3 for file, line and column, and the whole line for the message, unless it says otherwise', () => {
    assert.deepEqual(problemsIn({ owner: 'lint', pattern: { regexp: '^(.+):(\\d+):(\\d+) (.+)$' } }, 'a.x:2:4 bad'), [
      { file: 'a.x', line: 2, column: 4, severity: 'error', message: 'a.x:2:4 bad', source: 'lint' },
    ]);
  });

  it('reads positions from one group', () => {
    const matcher = {
      pattern: { regexp: '^(.+)\\((.+)\\): (.+)$', file: 1, location: 2, message: 3 },
      source: 'x',
      severity: 'warning',
    } as const;
    assert.deepEqual(problemsIn(matcher, 'a(3): one\na(3,4): two\na(3,4,5,6): three\na(no): four'), [
      { file: 'a', line: 3, column: 1, severity: 'warning', message: 'one', source: 'x' },
      { file: 'a', line: 3, column: 4, severity: 'warning', message: 'two', source: 'x' },
      { file: 'a', line: 3, column: 4, endLine: 5, endColumn: 6, severity: 'warning', message: 'three', source: 'x' },
    ]);
  });

  it('can concern a file as a whole', () => {
    const matcher = { pattern: { regexp: '^unformatted: (.+)$', kind: 'file' }, source: 'fmt' } as const;
    assert.deepEqual(problemsIn(matcher, 'unformatted: src/a.ts'), [
      { file: 'src/a.ts', line: 1, column: 1, severity: 'error', message: 'unformatted: src/a.ts', source: 'fmt' },
    ]);
  });

  const rust: ProblemMatcherOption = {
    owner: 'rustc',
    pattern: [
      { regexp: '^(warning|error)(?:\\[(.+)\\])?: (.+)$', severity: 1, code: 2, message: 3 },
      { regexp: '^\\s+--> (.+):(\\d+):(\\d+)$', file: 1, line: 2, column: 3 },
    ],
  };

  it('puts a problem together from several lines', () => {
    assert.deepEqual(
      problemsIn(
        rust,
        'Compiling\nerror[E0425]: cannot find value `x`\n  --> src/main.rs:4:13\n   |\nwarning: unused\n  --> src/lib.rs:1:1',
      ),
      [
        { file: 'src/main.rs', line: 4, column: 13, severity: 'error', message: 'cannot find value `x`', source: 'rustc', code: 'E0425' },
        { file: 'src/lib.rs', line: 1, column: 1, severity: 'warning', message: 'unused', source: 'rustc' },
      ],
    );
  });

  it('finds nothing where one of the lines is missing', () => {
    assert.deepEqual(problemsIn(rust, 'error: a\nsomething else\n  --> src/main.rs:4:13'), []);
  });

  it('joins the messages of several lines', () => {
    const matcher = {
      source: 'x',
      pattern: [
        { regexp: '^(.+):(\\d+): (.+)$', file: 1, line: 2, message: 3 },
        { regexp: '^\\s+(.+)$', message: 1 },
      ],
    };
    assert.equal(problemsIn(matcher, 'a:1: first\n  second')[0]?.message, 'first\nsecond');
  });

  it('can change a named one', () => {
    const [problem] = problemsIn(
      { base: '$tsc', source: 'vue-tsc', fileLocation: ['relative', '${workspaceFolder}/app'] },
      'a.ts(1,2): error TS1: x',
    );
    assert.equal(problem?.source, 'vue-tsc');
    assert.equal(problem?.file, 'app/a.ts');
    assert.equal(problem?.code, 'TS1');
  });

  it('can borrow the pattern of a named one', () => {
    assert.equal(problemsIn({ pattern: '$tsc', severity: 'info', owner: 'o' }, 'a.ts(1,2): warning TS1: x')[0]?.severity, 'warning');
  });

  it('works beside others', () => {
    assert.deepEqual(
      problemsIn(['$tsc', '$gcc'], 'a.ts(1,2): error TS1: x\nmain.c:5:3: error: y').map(({ source }) => source),
      ['tsc', 'gcc'],
    );
  });

  it('names files outside the project by their whole path, and understands file URLs', () => {
    const matcher: ProblemMatcherOption = { fileLocation: 'absolute', pattern: { regexp: '^(.+)\\|(\\d+)\\|(\\d+)\\|(.+)$', message: 4 } };
    assert.deepEqual(
      problemsIn(matcher, '/other/a.ts|1|1|x\nfile:///project/b%20c.ts|1|1|x').map(({ file }) => file),
      ['/other/a.ts', 'b c.ts'],
    );
  });

  it('passes over very long lines, on which a pattern could take long', () => {
    const matcher = { pattern: { regexp: '^(.+)+:(\\d+):(\\d+)$' } };
    assert.deepEqual(problemsIn(matcher, 'a'.repeat(1_000_000)), []);
  });

  it('is refused with a reason when it cannot work', () => {
    assert.match(reject('$nope'), /there is no problem matcher "\$nope"; there are \$tsc, /);
    assert.match(reject({ pattern: { regexp: '(' } }), /Unterminated group/);
    assert.match(reject({ owner: 'x' }), /needs a pattern or a base/);
    assert.match(reject({ base: '$tsc', fileLocation: ['search', {}] }), /'search' is not supported/);
    assert.match(reject({ pattern: [{ regexp: 'a', file: 1, line: 1 }] }), /no pattern has a message group/);
    assert.match(
      reject({ pattern: [{ regexp: 'a', loop: true, file: 1, line: 1, message: 0 }, { regexp: 'b' }] }),
      /only the last pattern may loop/,
    );
  });
});
