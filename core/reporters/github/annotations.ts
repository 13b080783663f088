import { testMessage } from '../error-text.ts';
import type { ReporterOptions } from '../reporter.ts';
import { repositoryPath } from '../repository-path.ts';
import type { NodeView, RunView } from '../run-view.ts';
import { oneLine, tame } from '../style.ts';
import { errorsOfRun, failedItself, namedPath, toleratedNodes } from '../verdicts.ts';
import type { SourceLocation } from '../../contract/status.ts';
import type { Diagnostic } from '../../contract/events.ts';
import { command } from './commands.ts';

/** GitHub shows so many annotations of each kind of one step of a job. */
const shownOfKind = 10;
const messageLimit = 4000;

type Kind = 'error' | 'warning' | 'notice';

/** Something that is shown at a line of a changed file, and in the list of a run. */
interface Annotation {
  readonly kind: Kind;
  readonly title: string;
  readonly message: string;
  readonly place: (SourceLocation & { readonly endLine?: number; readonly endColumn?: number }) | undefined;
}

const kinds: readonly Kind[] = ['error', 'warning', 'notice'];
const kindOf: { readonly [Severity in Diagnostic['severity']]: Kind } = { error: 'error', warning: 'warning', info: 'notice' };

/** Workflow commands that annotate a run: of each kind the worst, and how many more there are. */
export function renderAnnotations(view: RunView, options: ReporterOptions): string {
  const tolerated = toleratedNodes(view);
  const byNode = [...view.nodes.values()].map((node) => {
    const own = annotationsOf(node, view.nodes);
    // What decided nothing is no error.
    return tolerated.has(node.node.id) ? own.map((each) => (each.kind === 'error' ? { ...each, kind: 'warning' as const } : each)) : own;
  });
  byNode.push(
    errorsOfRun(view).map(({ message, location }) => ({
      kind: 'error' as const,
      title: view.pipeline,
      message,
      place: location ?? view.plan?.location,
    })),
  );
  if (view.end === undefined) {
    byNode.push([{ kind: 'error', title: view.pipeline, message: 'The run was stopped before it could end.', place: view.plan?.location }]);
  }
  return kinds
    .map((kind) =>
      render(
        kind,
        byNode.map((own) => own.filter((each) => each.kind === kind)),
        options,
      ),
    )
    .join('');
}

function render(kind: Kind, lists: readonly (readonly Annotation[])[], options: ReporterOptions): string {
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  const shown = inTurn(lists, count > shownOfKind ? shownOfKind - 1 : shownOfKind);
  const commands = shown.map(({ title, message, place }) =>
    command(
      kind,
      {
        ...(place === undefined
          ? {}
          : {
              file: repositoryPath(place.file, options),
              line: place.line,
              endLine: place.endLine,
              col: place.column,
              // Columns of two lines mean nothing to GitHub.
              endColumn: place.endLine === undefined || place.endLine === place.line ? place.endColumn : undefined,
            }),
        title: oneLine(title),
      },
      cut(tame(message, false).trim()),
    ),
  );
  const more = count - shown.length;
  if (more > 0)
    commands.push(command(kind, { title: `${more} more` }, `${more} more of this kind: see the log and the summary of the job.`));
  return commands.join('');
}

/** What there is to say about a node, the worst first. */
function annotationsOf(node: NodeView, nodes: RunView['nodes']): readonly Annotation[] {
  const name = [...namedPath(node), node.node.id].join(' › ');
  const failedTests = node.tests.filter(({ status }) => status === 'failed');
  const serious = node.diagnostics.some(({ severity }) => severity === 'error');
  const annotations: Annotation[] = [];
  if (failedItself(node, nodes) && failedTests.length === 0 && !serious) {
    const message = node.error?.message ?? node.state;
    annotations.push({ kind: 'error', title: name, message, place: node.error?.location ?? node.node.location });
  }
  if (node.node.kind === 'step' && node.state === 'running') {
    annotations.push({ kind: 'error', title: name, message: 'It never ended: the run was stopped.', place: node.node.location });
  }
  for (const test of failedTests) {
    const title = [name, ...test.path, test.name].join(' › ');
    annotations.push({ kind: 'error', title, message: testMessage(test), place: test.location ?? node.node.location });
  }
  const warning = (message: string): Annotation => ({ kind: 'warning', title: name, message, place: node.node.location });
  if (node.flaky)
    annotations.push(warning(`It is flaky: it passed at attempt ${node.attempt}. ${node.failedAttempts.at(-1)?.error.message ?? ''}`));
  for (const { path, stepIds, kept } of node.conflicts) {
    annotations.push(warning(`${stepIds.join(' and ')} left different values at ${path}; kept that of ${kept}`));
  }
  annotations.push(...node.warnings.map(warning));
  for (const found of node.diagnostics) {
    const title = [found.source, found.code].filter((part) => part !== undefined && part !== '').join(' ');
    annotations.push({ kind: kindOf[found.severity], title, message: found.message, place: found });
  }
  return annotations;
}

/** The first of each list, then the second of each, up to a limit: one step with many findings must not hide the others. */
function inTurn<T>(lists: readonly (readonly T[])[], limit: number): readonly T[] {
  const longest = Math.min(
    limit,
    lists.reduce((most, { length }) => Math.max(most, length), 0),
  );
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1)))
    .flat()
    .slice(0, limit);
}

function cut(text: string): string {
  return text.length > messageLimit ? `${text.slice(0, messageLimit)}…` : text;
}
