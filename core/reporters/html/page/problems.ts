import type { ReportError, ReportNode, ReportTest } from '../report-data.ts';
import { fold, h } from './dom.ts';
import { duration, plural } from './format.ts';

/** An error with the code around its place, the way out, its stack and what lies behind it. */
export function errorCard(error: ReportError, isCause = false): HTMLElement {
  const { code, name, message, hint, location, frame, stack, cause, errors } = error;
  const kind = code === 'E_STEP_FAILED' ? (name === 'Error' ? '' : name) : code;
  return h(
    'div',
    { class: isCause ? 'error cause' : 'error' },
    h(
      'p',
      { class: 'message' },
      isCause && h('span', { class: 'quiet' }, 'caused by '),
      kind !== '' && h('code', { class: 'kind' }, kind),
      ' ',
      message,
    ),
    location !== undefined && h('p', { class: 'place' }, `${location.file}:${location.line}:${location.column}`),
    frame !== undefined && codeFrame(frame),
    hint !== undefined && h('p', { class: 'hint' }, hint),
    stack !== undefined && stack !== '' && fold('Stack', false, h('pre', {}, stack)),
    ...(errors ?? []).map((inner) => errorCard(inner, false)),
    cause !== undefined && errorCard(cause, true),
  );
}

function codeFrame(text: string): HTMLElement {
  const lines = text
    .split('\n')
    .map((line) => h('span', { class: line.startsWith('>') ? 'hit' : /^\s*│\s*\^$/.test(line) ? 'caret' : '' }, line === '' ? ' ' : line));
  return h('pre', { class: 'frame' }, ...lines);
}

/** The test cases of a step: those that failed, then the others, folded. */
export function testList({ tests, left }: ReportNode): HTMLElement {
  const failed = tests.filter(({ status }) => status === 'failed');
  const others = tests.filter(({ status }) => status !== 'failed');
  return h(
    'div',
    { class: 'tests' },
    ...failed.map(failedTest),
    others.length > 0 &&
      fold(
        `${plural(others.length, 'test')} passed or skipped`,
        failed.length === 0 && others.length <= 30,
        h('ul', {}, ...others.map(testLine)),
      ),
    left.tests > 0 && h('p', { class: 'quiet' }, `${plural(left.tests, 'more test')} left out.`),
  );
}

function nameOf({ path, name }: ReportTest): HTMLElement {
  return h('span', {}, path.length > 0 && h('span', { class: 'quiet' }, `${path.join(' › ')} › `), name);
}

function testLine(test: ReportTest): HTMLElement {
  return h(
    'li',
    { class: `t-${test.status}` },
    nameOf(test),
    ' ',
    h('span', { class: 'quiet' }, test.status === 'passed' ? duration(test.durationMs) : test.status),
  );
}

function failedTest(test: ReportTest): HTMLElement {
  const { error, location, frame } = test;
  const compares = error?.expected !== undefined || error?.actual !== undefined;
  return h(
    'div',
    { class: 'error' },
    h('p', { class: 'test' }, nameOf(test)),
    error !== undefined && h('p', { class: 'message' }, error.message),
    compares &&
      h(
        'dl',
        { class: 'compared' },
        h('dt', {}, 'Expected'),
        h('dd', { class: 'expected' }, error?.expected ?? '—'),
        h('dt', {}, 'Actual'),
        h('dd', { class: 'actual' }, error?.actual ?? '—'),
      ),
    location !== undefined && h('p', { class: 'place' }, `${location.file}:${location.line}:${location.column}`),
    frame !== undefined && codeFrame(frame),
    error?.stack !== undefined && error.stack !== '' && fold('Stack', false, h('pre', {}, error.stack)),
  );
}

/** What tools found, by file. */
export function diagnosticList({ diagnostics, left }: ReportNode): HTMLElement {
  const byFile = Map.groupBy(diagnostics, ({ file }) => file);
  return h(
    'div',
    { class: 'found' },
    ...[...byFile].map(([file, list]) =>
      h(
        'div',
        {},
        h('p', { class: 'place' }, file),
        h(
          'ul',
          {},
          ...list.map(({ line, column, severity, message, source, code }) =>
            h(
              'li',
              {},
              h('span', { class: 'quiet at' }, `${line}:${column}`),
              h('span', { class: `v-${severity}` }, severity),
              h('span', { class: 'grow' }, message),
              h('span', { class: 'quiet' }, [source, code].filter((part) => part !== undefined && part !== '').join(' ')),
            ),
          ),
        ),
      ),
    ),
    left.diagnostics > 0 && h('p', { class: 'quiet' }, `${plural(left.diagnostics, 'more problem')} left out.`),
  );
}
