import type { RunEventOf } from '../contract/events.ts';
import { foldingOf, type Folding } from './folding.ts';
import type { Reporter, ReporterFactory, ReporterOptions, ReporterOutput } from './reporter.ts';
import { applyEvent, createRunView, stepsOf, type NodeView, type RunView } from './run-view.ts';
import { duration, icon, oneLine, painter, tame } from './style.ts';
import { renderSummary, warning } from './summary.ts';

/** A reader of a log should know that it is alive after so many milliseconds of silence. */
const heartbeatMs = 30_000;

/** For logs: one whole block a step, printed when it ends, never mixed with another's. CI systems that can fold it do. */
export const createReporter: ReporterFactory = (output, options) => createLine(output, options, foldingOf(options.log));

/** {@link createReporter}, for a log that is folded in one way. */
export function createLine(
  output: ReporterOutput,
  options: ReporterOptions,
  folding: Folding | undefined,
  view: RunView = createRunView(),
): Reporter {
  const paint = painter(output.color);
  const guard = folding?.guard ?? ((lines: string) => lines);
  let heartbeat: NodeJS.Timeout | undefined;
  let folds = 0;
  let stopReason: string | undefined;

  const write = (text: string): void => {
    output.write(text);
    if (view.end !== undefined) clearTimeout(heartbeat);
    else if (heartbeat === undefined) heartbeat = setTimeout(beat, heartbeatMs).unref();
    else heartbeat.refresh();
  };
  const beat = (): void => {
    heartbeat = undefined;
    const running = stepsOf(view).filter(({ state }) => state === 'running');
    if (running.length === 0) return;
    const list = running.map(({ node, startedAt = view.now }) => `${node.id} (${duration(Date.now() - startedAt)})`);
    write(guard(`${paint('dim', `… still running: ${list.join(', ')}`)}\n`));
  };
  const block = (node: NodeView, event: RunEventOf<'step:end'>): string => {
    const details = [
      event.cached ? 'cached' : event.attempts > 0 ? duration(event.durationMs) : '',
      event.status === 'timed-out' ? 'timed out' : event.status === 'cancelled' ? 'cancelled' : '',
      event.flaky ? `flaky, attempt ${event.attempts}` : '',
      event.reason ?? '',
    ].filter((part) => part !== '');
    const head = `${icon(event.status, paint)} ${node.node.id} ${paint('dim', details.join(' · '))}`.trimEnd();
    if (node.output.isEmpty) return guard(`${head}\n`);
    const body = tame(node.output.toString().trimEnd(), output.color);
    if (folding === undefined) {
      const bar = paint('dim', '│');
      return `${head}\n${body
        .split('\n')
        .map((line) => `${bar} ${line}`.trimEnd())
        .join('\n')}\n`;
    }
    folds += 1;
    const open = event.status !== 'passed';
    return folding.fold({
      number: folds,
      id: node.node.id,
      title: head,
      body: `${body}\n`,
      open,
      startedAt: node.startedAt ?? event.ts,
      endedAt: event.ts,
    });
  };

  return {
    onEvent(event) {
      applyEvent(view, event);
      if (event.type === 'run:start') write(guard(`${paint('bold', oneLine(event.pipeline))}${paint('dim', ` · run ${event.runId}`)}\n`));
      else if (event.type === 'step:retry') {
        const why = oneLine(firstLine(event.error.message));
        write(guard(`${paint('magenta', '↻')} ${event.id} ${paint('dim', `attempt ${event.attempt} follows: ${why}`)}\n`));
      } else if (event.type === 'step:warning') {
        // One that comes while the step runs is in the summary; later than that it may explain what fails next.
        if (view.nodes.get(event.id)?.state === 'passed')
          write(guard(`${warning(event.id, event.message, { paint, color: output.color })}\n`));
      } else if (event.type === 'step:end') {
        const node = view.nodes.get(event.id);
        if (node !== undefined) write(block(node, event));
      }
    },
    onStopping({ reason, text }) {
      if (reason !== stopReason) write(guard(`${paint('yellow', text)}\n`));
      stopReason = reason;
    },
    close() {
      clearTimeout(heartbeat);
      // What is folded away is shown again where a step failed.
      const withOutput = folding !== undefined && !folding.opens;
      output.write(`\n${guard(renderSummary(view, output, options, withOutput))}`);
    },
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
