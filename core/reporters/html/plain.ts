import type { Diagnostic } from '../../contract/events.ts';
import { duration, icon, painter, plural, tame } from '../style.ts';
import { xmlText as text } from '../xml.ts';
import type { ReportData, ReportError, ReportNode, ReportTest } from './report-data.ts';

const paint = painter(false);

/** How much output is in it, in characters: the page has all of it once more, for the script. */
const limits = { failed: 64 * 1024, other: 8 * 1024, all: 1024 * 1024 } as const;

/**
 * The report for browsers that run no script, as of pages that Jenkins serves: what failed, and the steps with all that is known
 * of them, to be unfolded. It needs no style either. The script takes its place.
 */
export function renderPlain(whole: ReportData, title: string): string {
  const data = { ...whole, nodes: withLessOutput(whole.nodes) };
  const { counts, durationMs, startedAt, runId, nodes, errors, results } = data;
  const failed = nodes.flatMap((node, index) => (node.error === undefined || node.kind !== 'step' ? [] : [{ node, index }]));
  const facts = [
    `${counts.passed} of ${plural(counts.steps, 'step')} passed`,
    duration(durationMs),
    new Date(startedAt).toISOString(),
    runId,
  ];
  return [
    `<div id="plain" class="plain">`,
    `<h1>${text(title)}</h1>`,
    `<p>${text(facts.join(' · '))}</p>`,
    ...errors.map(renderError),
    ...(failed.length === 0
      ? []
      : [`<h2>What failed</h2>`, `<ul>${failed.map(({ node, index }) => renderLink(node, index)).join('\n')}</ul>`]),
    `<h2>Steps</h2>`,
    renderLevel(nodes, 0, nodes[0]?.depth ?? 0).html,
    results === undefined ? '' : fold('Results', pre(results), false),
    `<p>Search and the timeline need JavaScript.</p>`,
    `</div>`,
  ].join('\n');
}

function withLessOutput(nodes: readonly ReportNode[]): readonly ReportNode[] {
  let room: number = limits.all;
  const shorter = new Map<ReportNode, ReportNode>();
  const hasError = ({ error }: ReportNode): boolean => error !== undefined;
  for (const node of [...nodes.filter(hasError), ...nodes.filter((each) => !hasError(each))]) {
    const output = tame(node.output ?? '', false);
    const limit = Math.min(room, hasError(node) ? limits.failed : limits.other);
    const kept = limit === 0 ? '' : output.slice(-limit);
    room -= kept.length;
    shorter.set(node, { ...node, output: kept, left: { ...node.left, output: node.left.output + output.length - kept.length } });
  }
  return nodes.map((node) => shorter.get(node) ?? node);
}

function renderLink({ id, error, tolerated }: ReportNode, index: number): string {
  const first = error?.message.split('\n', 1)[0] ?? '';
  return `<li><a href="#plain-${index}">${text(id)}</a>: ${text(first)}${tolerated ? ' (was not needed)' : ''}</li>`;
}

/** A node, those after it on the same level, and what is in them. */
function renderLevel(nodes: readonly ReportNode[], from: number, depth: number): { readonly html: string; readonly next: number } {
  const items: string[] = [];
  let at = from;
  for (let node = nodes[at]; node !== undefined && node.depth >= depth; node = nodes[at]) {
    const inner = (nodes[at + 1]?.depth ?? 0) > node.depth ? renderLevel(nodes, at + 1, node.depth + 1) : { html: '', next: at + 1 };
    items.push(renderNode(node, at, inner.html));
    at = inner.next;
  }
  return { html: `<ul>\n${items.join('\n')}\n</ul>`, next: at };
}

function renderNode(node: ReportNode, index: number, children: string): string {
  const { id, kind, state, error, durationMs, attempts, flaky, cached, reason, tests } = node;
  const facts = [
    node.what,
    ...(state === 'pending' || state === 'skipped' ? [state] : [state.replace('-', ' '), duration(durationMs)]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(flaky ? ['flaky'] : []),
    ...(cached ? ['kept result'] : []),
    ...(tests.length > 0 ? [plural(tests.length, 'test')] : []),
    ...(reason === undefined ? [] : [reason]),
  ];
  const title = `${icon(state, paint)} <b>${text(id)}</b> ${text(facts.join(' · '))}`;
  const inner = `${renderFindings(node)}${children}`;
  if (inner === '') return `<li id="plain-${index}">${title}</li>`;
  return `<li id="plain-${index}">${foldHtml(title, inner, kind !== 'step' || error !== undefined)}</li>`;
}

function renderFindings(node: ReportNode): string {
  const { description, error, earlier, tests, diagnostics, warnings, conflicts, attachments, output, left } = node;
  const failedTests = tests.filter(({ status }) => status === 'failed');
  const others = tests.filter(({ status }) => status !== 'failed');
  return [
    ...(description === undefined ? [] : [`<p>${text(description)}</p>`]),
    ...(error === undefined ? [] : [renderError(error)]),
    ...failedTests.map(renderFailedTest),
    ...warnings.map((warning) => `<p>Warning: ${text(warning)}</p>`),
    ...conflicts.map(({ path, stepIds, kept }) => `<p>Conflict at ${text(path)}: ${text(stepIds.join(', '))}; ${text(kept)} was kept.</p>`),
    ...(diagnostics.length === 0 ? [] : [pre([...diagnostics.map(diagnosticLine), ...more(left.diagnostics, 'problem')].join('\n'))]),
    ...earlier.map((attempt, index) => fold(`Attempt ${index + 1} failed`, renderError(attempt.error), false)),
    ...(others.length === 0
      ? []
      : [
          fold(
            `${plural(others.length, 'test')} passed or skipped`,
            pre([...others.map(testLine), ...more(left.tests, 'test')].join('\n')),
            false,
          ),
        ]),
    ...(attachments.length === 0 ? [] : [`<p>Attached: ${text(attachments.map(({ name, file }) => `${name} (${file})`).join(', '))}</p>`]),
    ...(output === undefined || (output === '' && left.output === 0)
      ? []
      : [fold('Output', renderOutput(output, left.output), error !== undefined)]),
  ].join('\n');
}

function renderOutput(output: string, left: number): string {
  const before = left > 0 ? `<p>${left.toLocaleString('en')} characters are left out here.</p>` : '';
  return output === '' ? before : before + pre(output);
}

function renderError(error: ReportError): string {
  const { code, name, message, hint, location, frame, stack, cause, errors } = error;
  const kind = code === 'E_STEP_FAILED' ? (name === 'Error' ? '' : `${name}: `) : `${code} `;
  return [
    pre(`${kind}${message}`),
    ...place(location, frame),
    ...(hint === undefined ? [] : [`<p>${text(hint)}</p>`]),
    ...(stack === undefined || stack === '' ? [] : [fold('Stack', pre(stack), false)]),
    ...(errors ?? []).map(renderError),
    ...(cause === undefined ? [] : [`<p>Caused by:</p>`, renderError(cause)]),
  ].join('\n');
}

function renderFailedTest(test: ReportTest): string {
  const { error, location, frame } = test;
  return [
    `<p>✖ ${text(nameOf(test))}</p>`,
    ...(error === undefined ? [] : [pre(error.message)]),
    ...(error?.expected === undefined && error?.actual === undefined
      ? []
      : [pre(`expected: ${error.expected ?? '—'}\nactual:   ${error.actual ?? '—'}`)]),
    ...place(location, frame),
    ...(error?.stack === undefined || error.stack === '' ? [] : [fold('Stack', pre(error.stack), false)]),
  ].join('\n');
}

function place(location: ReportError['location'], frame: string | undefined): readonly string[] {
  return [
    ...(location === undefined ? [] : [`<p>${text(`${location.file}:${location.line}:${location.column}`)}</p>`]),
    ...(frame === undefined ? [] : [pre(frame)]),
  ];
}

function nameOf({ path, name }: ReportTest): string {
  return [...path, name].join(' › ');
}

function testLine(test: ReportTest): string {
  return `${test.status} ${nameOf(test)} ${duration(test.durationMs)}`;
}

function diagnosticLine({ file, line, column, severity, message, source, code }: Diagnostic): string {
  return `${file}:${line}:${column} ${severity}: ${message} (${[source, code].filter(Boolean).join(' ')})`;
}

function more(count: number, what: string): readonly string[] {
  return count > 0 ? [`${plural(count, `more ${what}`)} left out.`] : [];
}

/** @param html - what is in it */
function fold(title: string, html: string, isOpen: boolean): string {
  return foldHtml(text(title), html, isOpen);
}

function foldHtml(title: string, html: string, isOpen: boolean): string {
  return `<details${isOpen ? ' open' : ''}><summary>${title}</summary>\n${html}\n</details>`;
}

/** The first line feed would be taken for part of the tag. */
function pre(content: string): string {
  return `<pre>\n${text(content)}</pre>`;
}
