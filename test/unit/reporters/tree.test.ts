import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import type { RunEvent } from '../../../core/contract/events.ts';
import { applyEvent, createRunView } from '../../../core/reporters/run-view.ts';
import { painter } from '../../../core/reporters/style.ts';
import { frameLines } from '../../../core/reporters/tree-lines.ts';
import { createReporter } from '../../../core/reporters/tree.ts';
import { fateOf, plans } from '../../support/imagined-plans.ts';
import { pipelineNode, stepNode } from '../../support/plans.ts';
import { makeProject, removeProjects } from '../../support/project.ts';
import { readableColours, report, screenOutput } from '../../support/reported.ts';
import { recordedAt, recordedRun, recordedSource, stamped } from '../../support/recorded-run.ts';
import { imagineRun } from '../../support/run-events.ts';
import { Screen } from '../../support/screen.ts';

const tree = `ci ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 100% 11/11 · 2.8 s

✔ install 639 ms
✖ checks (all of 5) 1 conflict
  ✖ types 559 ms 3 problems
  ✔ lint 359 ms flaky
  ✖ unit 659 ms 1 of 3 tests failed
  ✖ price 118 ms
  ⧖ slow 2.1 s timed out
✔ mirrors (any of 2)
  ⊘ east 49 ms cancelled
  ✔ west 48 ms
↷ in order
  ↷ build an earlier step failed
  ↷ upload an earlier step failed
✔ report 17 ms 1 warning
`;

describe('the tree reporter', () => {
  let cwd: string;
  before(() => {
    cwd = makeProject({ 'src/price.js': recordedSource });
  });
  after(removeProjects);
  beforeEach(() => mock.timers.enable({ apis: ['setInterval', 'Date'], now: recordedAt }));
  afterEach(() => mock.timers.reset());

  /** Lets a run happen in front of a screen, a frame after each event. */
  function play(events: readonly RunEvent[], screen: Screen, look: (event: RunEvent, frames: number) => void, color = true): void {
    const reporter = createReporter(screenOutput(screen, color), { cwd });
    for (const [index, event] of events.entries()) {
      reporter.onEvent(event);
      mock.timers.tick(100);
      look(event, index);
    }
    void reporter.close?.();
  }

  it('says below the tree why a run goes on that was stopped, as long as it does', () => {
    const screen = new Screen(40, 20);
    const reporter = createReporter(screenOutput(screen, false), { cwd });
    for (const event of recordedRun.slice(0, 8)) reporter.onEvent(event);
    const reason = 'Stopped: src/a.ts changed.';
    reporter.onStopping?.({ reason, text: `${reason} "clean" cleans up; then the pipeline runs again.` });
    mock.timers.tick(100);
    assert.match(screen.visible(), /\n\nStopped: src\/a\.ts changed\. "clean"\ncleans up; then the pipeline runs\nagain\.\s*$/);
    assert.deepEqual(screen.overflows, []);
    for (const event of recordedRun.slice(8)) reporter.onEvent(event);
    void reporter.close?.();
    assert.doesNotMatch(screen.text(), /cleans/);
  });

  it('leaves the whole tree, and what went wrong, with what failing steps printed', async () => {
    const text = stripVTControlCharacters(await report(createReporter, recordedRun, { cwd }));
    assert.equal(text.slice(0, tree.length), tree);
    assert.match(text, /✖ checks › price\n {2}TypeError [\s\S]*\n {2}│ cart of 3 items\n/);
    assert.match(text, /Pipeline {2}ci failed\n/);
  });

  it('cuts the lines of the tree where there is little room, with a mark', async () => {
    const text = stripVTControlCharacters(await report(createReporter, recordedRun, { cwd, columns: 24 }));
    const lines = text.slice(0, text.indexOf('⚠')).trimEnd().split('\n');
    assert.deepEqual(lines.slice(2), [
      '✔ install 639 ms',
      '✖ checks (all of 5) 1 c…',
      '  ✖ types 559 ms 3 prob…',
      '  ✔ lint 359 ms flaky',
      '  ✖ unit 659 ms 1 of 3 …',
      '  ✖ price 118 ms',
      '  ⧖ slow 2.1 s timed out',
      '✔ mirrors (any of 2)',
      '  ⊘ east 49 ms cancelled',
      '  ✔ west 48 ms',
      '↷ in order',
      '  ↷ build an earlier st…',
      '  ↷ upload an earlier s…',
      '✔ report 17 ms 1 warning',
    ]);
  });

  it('says the same in colour, and nothing by colour alone', async () => {
    const coloured = await report(createReporter, recordedRun, { cwd, color: true });
    const plain = await report(createReporter, recordedRun, { cwd });
    assert.equal(stripVTControlCharacters(coloured), stripVTControlCharacters(plain));
    const lines = readableColours(coloured).split('\n');
    for (const line of [
      '{red}✖{/} checks {dim}(all of 5){/} {magenta}1 conflict{/}',
      '  {green}✔{/} lint {dim}359 ms{/} {magenta}flaky{/}',
      '  {red}⧖{/} slow {dim}2.1 s{/} {red}timed out{/}',
      '  {dim}↷{/} {dim}build{/} {dim}an earlier step failed{/}',
    ])
      assert.ok(lines.includes(line), `${line} is not in\n${lines.join('\n')}`);
  });

  it('shows while it runs what each step is at', () => {
    const screen = new Screen(80, 40);
    const seen = new Map<number, string>();
    play(recordedRun, screen, (_event, index) => seen.set(index, screen.visible()));
    const at = (fits: (event: RunEvent) => boolean): string => seen.get(recordedRun.findIndex(fits)) ?? '';
    const unit = at(({ type }) => type === 'step:progress');
    assert.match(unit, /^ci ━{6}─{24} {2}20% 2\/11 · \d/);
    assert.match(unit, /\n {2}[⠋-⠿] unit 50% cart\.test\.js\n/);
    assert.match(unit, /\n {2}[⠋-⠿] lint attempt 2\n/);
    assert.match(unit, /\n○ in order\n {2}○ build\n {2}○ upload\n○ report$/);
    assert.match(
      at((event) => event.type === 'step:output' && event.id === 'install'),
      /\n[⠋-⠿] install added 12 packages\n/,
    );
  });

  it('counts the steps that there is no room for', () => {
    const screen = new Screen(80, 12);
    const seen = new Map<string, string>();
    play(recordedRun, screen, (event) => seen.set(`${event.type} ${'id' in event ? event.id : ''}`, screen.visible()));
    // Of eleven steps, six are on the screen; groups do not count.
    assert.equal(
      seen.get('step:end price')?.split('\n').slice(2).join('\n').replaceAll(/[⠋-⠿]/g, '*'),
      [
        '* checks (all of 5)',
        '  * types',
        '  * lint',
        '  * unit',
        '  ✖ price 118 ms',
        '  * slow',
        '○ mirrors (any of 2)',
        '  ○ east',
        '… and 1 passed, 4 to come',
      ].join('\n'),
    );
  });

  it('leaves nothing of the frames behind, and the cursor where it was', () => {
    const screen = new Screen(80, 40);
    screen.write('$ treadle\n');
    play(recordedRun, screen, () => assert.equal(screen.cursorIsVisible, false));
    assert.equal(screen.text().slice(0, tree.length + 10), `$ treadle\n${tree}`);
    assert.equal(screen.text().match(/install/g)?.length, 1);
    assert.ok(screen.cursorIsVisible);
    assert.equal(screen.listeners, 0);
  });

  for (const [name, columns, rows] of [
    ['narrower', 40, 40],
    ['wider', 120, 40],
    ['lower', 80, 24],
  ] as const) {
    it(`leaves nothing behind when the terminal becomes ${name} in the middle of a run`, () => {
      const screen = new Screen(80, 40);
      screen.write('$ treadle\n');
      play(recordedRun, screen, (_event, index) => {
        if (index === 15) screen.resize(columns, rows);
        assert.deepEqual(screen.overflows, []);
      });
      assert.equal(screen.text().match(/\$ treadle/g)?.length, 1, screen.text());
      assert.equal(screen.text().match(/✔ install/g)?.length, 1, screen.text());
      assert.doesNotMatch(screen.text(), /[⠋-⠿]/);
    });
  }

  it('has one line for what a step says of itself, whatever that is', () => {
    const plan = pipelineNode([stepNode('talks'), stepNode('waits')]);
    const screen = new Screen(60, 20);
    const events = stamped([
      [0, { type: 'run:start', pipeline: 'ci', plan, cwd }],
      [1, { type: 'step:start', id: 'talks', attempt: 1, executor: 'threads' }],
      [2, { type: 'step:progress', id: 'talks', percent: 10, message: 'one\n\ttwo\u001B[2J\r\nthree', overall: 5 }],
    ]);
    play(events, screen, (event) => {
      if (event.type === 'step:progress') assert.match(screen.visible(), /\n[⠋-⠿] talks 10% one two three\n○ waits$/);
    });
  });

  it('never paints a line that is wider than the terminal', () => {
    const parts = ['a', ' ', '漢字', '👩‍👩‍👧‍👦', 'é', '\u001B[31mred', '\t', '\n', '…', '🇩🇪', 'x'.repeat(200)];
    const texts = fc.array(fc.constantFrom(...parts), { maxLength: 30 }).map((chosen) => chosen.join(''));
    const sizes = fc.record({ columns: fc.integer({ min: 1, max: 100 }), rows: fc.integer({ min: 2, max: 30 }) });
    fc.assert(
      fc.property(plans, fc.nat(), texts, fc.array(sizes, { minLength: 1, maxLength: 4 }), (plan, seed, text, [first, ...others]) => {
        const screen = new Screen(first?.columns ?? 80, first?.rows ?? 24);
        const events = imagineRun(plan, 'run-1', fateOf(seed)).map((event) => withText(event, text));
        const reporter = createReporter(screenOutput(screen), { cwd });
        for (const [index, event] of events.entries()) {
          const size = index % 7 === 6 ? others.shift() : undefined;
          if (size !== undefined) screen.resize(size.columns, size.rows);
          reporter.onEvent(event);
          mock.timers.tick(100);
          assert.deepEqual(screen.overflows, []);
        }
        void reporter.close?.();
        assert.ok(screen.cursorIsVisible);
      }),
      { numRuns: 60 },
    );
  });

  it('never leaves a line of the tree that is wider than the terminal', async () => {
    for (let columns = 1; columns <= 60; columns += 1) {
      const text = stripVTControlCharacters(await report(createReporter, recordedRun, { cwd, columns }));
      for (const line of text.slice(0, text.indexOf('⚠')).split('\n')) assert.ok(stringWidth(line) <= columns, line);
    }
  });

  it('tells how long a run will still take, where earlier ones say so', () => {
    const view = createRunView();
    const plan = pipelineNode([stepNode('a'), stepNode('b')]);
    const style = { paint: painter(false), columns: 80, now: recordedAt, frame: 0 };
    const start = { v: 1, seq: 0, ts: recordedAt, runId: 'r', type: 'run:start', pipeline: 'ci', plan, cwd } as const;
    applyEvent(view, start);
    assert.doesNotMatch(frameLines(view, style, 10)[0] ?? '', /left/);
    applyEvent(view, { ...start, expected: { a: 2000, b: 90_000 } });
    assert.match(frameLines(view, style, 10)[0] ?? '', / 0\/2 · 0 ms · about 1 min 32 s left$/);
    applyEvent(view, { v: 1, seq: 1, ts: recordedAt, runId: 'r', type: 'step:start', id: 'a', attempt: 1, executor: 'inline' });
    assert.match(frameLines(view, { ...style, now: recordedAt + 1500 }, 10)[0] ?? '', /about 1 min 31 s left$/);
  });
});

/** The same event, with a text of somebody's in it. */
function withText(event: RunEvent, text: string): RunEvent {
  switch (event.type) {
    case 'step:progress':
      return { ...event, message: text };
    case 'step:output':
      return { ...event, text };
    case 'run:start':
      return { ...event, pipeline: `ci ${text.replaceAll(/[\u0000-\u001F]/g, '')}` };
    default:
      return event;
  }
}
