import type { RunEventOf } from '../contract/events.ts';
import type { ReporterFactory } from './reporter.ts';
import { applyEvent, createRunView, stepsOf, type NodeView } from './run-view.ts';
import { duration, icon, oneLine, painter, tame } from './style.ts';
import { renderSummary, warning } from './summary.ts';

/** A reader of a log should know that it is alive after so many milliseconds of silence. */
const heartbeatMs = 30_000;

/** For logs: one whole block a step, printed when it ends, never mixed with another's. */
export const createReporter: ReporterFactory = (output, options) => {
  const view = createRunView();
  const paint = painter(output.color);
  let heartbeat: NodeJS.Timeout | undefined;

  const write = (text: string): void => {
    output.write(text);
    clearTimeout(heartbeat);
    if (view.end === undefined) heartbeat = setTimeout(beat, heartbeatMs).unref();
  };
  const beat = (): void => {
    const running = stepsOf(view).filter(({ state }) => state === 'running');
    if (running.length === 0) return;
    const list = running.map(({ node, startedAt = view.now }) => `${node.id} (${duration(Date.now() - startedAt)})`);
    write(`${paint('dim', `… still running: ${list.join(', ')}`)}\n`);
  };
  const block = (node: NodeView, event: RunEventOf<'step:end'>): string => {
    const details = [
      event.cached ? 'cached' : event.attempts > 0 ? duration(event.durationMs) : '',
      event.status === 'timed-out' ? 'timed out' : event.status === 'cancelled' ? 'cancelled' : '',
      event.flaky ? `flaky, attempt ${event.attempts}` : '',
      event.reason ?? '',
    ].filter((part) => part !== '');
    const head = `${icon(event.status, paint)} ${node.node.id} ${paint('dim', details.join(' · '))}`.trimEnd();
    const body = node.output.isEmpty ? [] : tame(node.output.toString().trimEnd(), output.color).split('\n');
    return [head, ...body.map((line) => `${paint('dim', '│')} ${line}`.trimEnd())].join('\n');
  };

  return {
    onEvent(event) {
      applyEvent(view, event);
      if (event.type === 'run:start') write(`${paint('bold', oneLine(event.pipeline))}${paint('dim', ` · run ${event.runId}`)}\n`);
      else if (event.type === 'step:retry') {
        write(
          `${paint('magenta', '↻')} ${event.id} ${paint('dim', `attempt ${event.attempt} follows: ${oneLine(firstLine(event.error.message))}`)}\n`,
        );
      } else if (event.type === 'step:warning') {
        // One that comes while the step runs is in the summary; later than that it may explain what fails next.
        if (view.nodes.get(event.id)?.state === 'passed') write(`${warning(event.id, event.message, { paint, color: output.color })}\n`);
      } else if (event.type === 'step:end') {
        const node = view.nodes.get(event.id);
        if (node !== undefined) write(`${block(node, event)}\n`);
      }
    },
    close() {
      clearTimeout(heartbeat);
      output.write(`\n${renderSummary(view, output, options, false)}`);
    },
  };
};

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
