import type { ReporterFactory } from './reporter.ts';
import { LiveRegion } from './live-region.ts';
import { applyEvent, createRunView } from './run-view.ts';
import { renderSummary } from './summary.ts';
import { frameLines, treeLines } from './tree-lines.ts';
import { painter } from './style.ts';
import { wrapWords } from './wrap-words.ts';

/** Ten frames a second: as often as an eye can use. */
const frameMs = 100;

/** For terminals: the plan as a live tree, and what went wrong at the end. */
export const createReporter: ReporterFactory = (output, options) => {
  const view = createRunView();
  const paint = painter(output.color);
  const region = new LiveRegion(output);
  let frame = 0;
  let remark: string | undefined;
  const draw = (): void => {
    const style = { paint, columns: output.columns(), now: Date.now(), frame };
    const below = remark === undefined ? [] : ['', ...wrapWords(remark, output.columns() - 1).map((line) => paint('yellow', line))];
    region.draw([...frameLines(view, style, output.rows() - 1 - below.length), ...below]);
    frame += 1;
  };
  const timer = setInterval(draw, frameMs).unref();
  return {
    onEvent(event) {
      applyEvent(view, event);
    },
    onStopping({ text }) {
      remark = text;
    },
    close() {
      clearInterval(timer);
      region.close();
      const style = { paint, columns: output.columns(), now: view.now, frame: 0 };
      output.write(`${treeLines(view, style).join('\n')}\n\n${renderSummary(view, output, options, true)}`);
    },
  };
};
