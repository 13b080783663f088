import { errorText, testErrorText } from '../error-text.ts';
import { type NodeView, type RunView, stepsOf } from '../run-view.ts';
import { duration, icon, oneLine, painter, plural, tame } from '../style.ts';
import { errorsOfRun, failedItself, namedPath, toleratedNodes } from '../verdicts.ts';

const shownTests = 20;
const shownFindings = 20;
/** So much of an error, or of what a step printed, is shown. */
const textLimit = 6000;
/** A table of more steps than this is folded. */
const longTable = 40;

const plain = painter(false);

/**
 * A run as Markdown, for the page of a job.
 *
 * @param limit - how many bytes it may have; beyond 1 MiB, GitHub refuses a summary as a whole
 */
export function renderStepSummary(view: RunView, cwd: string, limit: number): string {
  const end = '\n_The rest is left out: the summary would become too large._\n';
  let text = '';
  let bytes = Buffer.byteLength(end);
  for (const part of parts(view, cwd)) {
    bytes += Buffer.byteLength(part);
    if (bytes > limit) return text === '' ? '' : text + end;
    text += part;
  }
  return text;
}

/** Small parts, each of them whole in itself where the rest is left out. */
function* parts(view: RunView, cwd: string): Iterable<string> {
  yield headline(view);
  const nodes = [...view.nodes.values()];
  const tolerated = toleratedNodes(view);
  for (const error of errorsOfRun(view)) yield failure(view.pipeline, [codeBlock(errorText(error, cwd))]);
  for (const node of nodes.filter((each) => failedItself(each, view.nodes) && !tolerated.has(each.node.id))) yield nodeFailure(node, cwd);
  const notes = nodes.flatMap((node) => notesOf(node, tolerated.has(node.node.id) && failedItself(node, view.nodes)));
  if (notes.length > 0) {
    yield '\n### Worth a look\n\n';
    for (const note of notes) yield `- ${note}\n`;
  }
  const steps = stepsOf(view);
  const table = '\n| | Step | Duration | |\n| :-: | :-- | --: | :-- |\n';
  if (steps.length > longTable) yield `\n<details><summary>${plural(steps.length, 'step')}</summary>\n${table}`;
  else if (steps.length > 0) yield table;
  for (const node of steps) yield row(node, tolerated.has(node.node.id));
  if (steps.length > longTable) yield '\n</details>\n';
}

function headline(view: RunView): string {
  const { end } = view;
  const status = end === undefined ? 'was stopped before it could end' : end.status === 'passed' ? 'passed' : end.status.replace('-', ' ');
  const mark = end?.status === 'passed' ? '✅' : '❌';
  const time = duration(end?.durationMs ?? view.now - view.startedAt);
  const steps = stepsOf(view);
  const count = (state: string): number => steps.filter((step) => step.state === state).length;
  const tests = steps.flatMap((step) => step.tests);
  const failedTests = tests.filter((test) => test.status === 'failed').length;
  const counts = [
    ...(['passed', 'failed', 'timed-out', 'cancelled', 'skipped'] as const).map((state) => ({
      number: count(state),
      what: state.replace('-', ' '),
    })),
    { number: steps.filter(({ flaky }) => flaky).length, what: 'flaky' },
    { number: steps.filter(({ cached }) => cached).length, what: 'cached' },
  ].filter(({ number }) => number > 0);
  const line = [
    `${plural(steps.length, 'step')}: ${counts.map(({ number, what }) => `${number} ${what}`).join(', ')}`,
    ...(tests.length === 0 ? [] : [`${plural(tests.length, 'test')}${failedTests > 0 ? `: ${failedTests} failed` : ''}`]),
  ].join(' · ');
  return `## ${mark} ${escaped(view.pipeline)} ${status}\n\n**${time}** · ${line}\n`;
}

function row(node: NodeView, tolerated: boolean): string {
  const failed = node.tests.filter(({ status }) => status === 'failed').length;
  const notes = [
    node.state === 'timed-out' ? 'timed out' : node.state === 'cancelled' ? 'cancelled' : node.state === 'running' ? 'never ended' : '',
    tolerated && (node.state === 'failed' || node.state === 'timed-out') ? 'not needed' : '',
    node.cached ? 'cached' : '',
    node.flaky ? `flaky, passed at attempt ${node.attempt}` : '',
    node.tests.length === 0
      ? ''
      : failed > 0
        ? `${failed} of ${plural(node.tests.length, 'test')} failed`
        : plural(node.tests.length, 'test'),
    node.diagnostics.length === 0 ? '' : plural(node.diagnostics.length, 'problem'),
    node.reason ?? '',
  ].filter((part) => part !== '');
  const name = [...namedPath(node).map(escaped), `**${escaped(node.node.id)}**`].join(' › ');
  const time = node.state === 'skipped' || node.state === 'pending' ? '' : duration(node.durationMs);
  return `| ${icon(node.state, plain)} | ${name} | ${time} | ${notes.map(escaped).join(', ')} |\n`;
}

function nodeFailure(node: NodeView, cwd: string): string {
  const { error, tests, diagnostics, output } = node;
  const failed = tests.filter(({ status }) => status === 'failed');
  const body: string[] = error === undefined ? [] : [codeBlock(errorText(error, cwd))];
  for (const test of failed.slice(0, shownTests)) {
    body.push(`✖ ${escaped([...test.path, test.name].join(' › '))}\n\n${codeBlock(testErrorText(test, cwd))}`);
  }
  if (failed.length > shownTests) body.push(`… ${plural(failed.length - shownTests, 'more failed test')}\n`);
  if (diagnostics.length > 0) {
    const found = diagnostics
      .slice(0, shownFindings)
      .map(({ file, line, column, severity, message }) => oneLine(`${file}:${line}:${column} ${severity} ${message}`));
    const more = diagnostics.length - found.length;
    body.push(codeBlock([...found, ...(more > 0 ? [`… ${more} more`] : [])].join('\n')));
  } else if (failed.length === 0 && !output.isEmpty) {
    const text = tame(output.toString().trimEnd(), false);
    body.push(`<details><summary>Output</summary>\n\n${codeBlock(text.slice(-textLimit))}\n</details>\n`);
  }
  return failure([...namedPath(node), node.node.id].join(' › '), body);
}

function failure(name: string, body: readonly string[]): string {
  return `\n### ✖ ${escaped(name)}\n\n${body.join('\n')}`;
}

function notesOf(node: NodeView, failedInVain: boolean): readonly string[] {
  const name = `**${escaped(node.node.id)}**`;
  return [
    ...(node.flaky ? [`${name} is flaky: it passed at attempt ${node.attempt}.`] : []),
    ...(failedInVain ? [`${name} failed, and was not needed: ${escaped(node.error?.message ?? '')}`] : []),
    ...node.conflicts.map(({ path, stepIds, kept }) => {
      const steps = stepIds.map((id) => `**${escaped(id)}**`).join(' and ');
      return `Conflict in ${name}: ${steps} left different values at ${escaped(path)}; kept that of **${escaped(kept)}**.`;
    }),
    ...node.warnings.map((message) => `${name}: ${escaped(message)}`),
  ];
}

/** Text of others as one line that Markdown leaves alone. */
function escaped(text: string): string {
  return (
    oneLine(text.slice(0, 1000))
      .replaceAll(/[\\`*_{}[\]()#+\-.!|~$]/g, String.raw`\$&`)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // No mention, no link.
      .replaceAll('@', '&#64;')
      .replaceAll('://', '&#58;//')
  );
}

function codeBlock(text: string): string {
  const shown = text.length > textLimit ? `${text.slice(0, textLimit)}\n…` : text;
  const longest = [...shown.matchAll(/`+/g)].reduce((most, [ticks]) => Math.max(most, ticks.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${shown}\n${fence}\n`;
}
