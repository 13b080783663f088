import { createHash } from 'node:crypto';
import type { ReporterFactory } from '../reporter.ts';
import { applyEvent, createRunView } from '../run-view.ts';
import { xmlText } from '../xml.ts';
import { buildData } from './build-data.ts';
import { type PageFiles, readPageFiles } from './page-files.ts';
import { renderPlain } from './plain.ts';
import type { ReportData } from './report-data.ts';

/** A page that needs nothing else: no network, no other file. Written when the run has ended. */
export const createReporter: ReporterFactory = (output, { cwd }) => {
  const view = createRunView();
  let runId = '';
  return {
    onEvent(event) {
      runId = event.runId;
      applyEvent(view, event);
    },
    async close() {
      output.write(renderPage(buildData(view, runId, cwd), await readPageFiles()));
    },
  };
};

const marks = { passed: '✔', failed: '✖', 'timed-out': '⧖', cancelled: '⊘', skipped: '↷', stopped: '✖' } as const;

function renderPage(data: ReportData, { script, style }: PageFiles): string {
  // Nothing but these two may run or be loaded, whatever text of a step is in the page.
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const title = `${marks[data.status]} ${data.pipeline} ${data.status.replace('-', ' ')}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Treadle">
<title>${xmlText(title)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(iconOf(data.status))}">
<style>${style}</style>
</head>
<body>
${renderPlain(data, title)}
<script type="application/json" id="data">${escapeJson(JSON.stringify(data))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** The browser compares with what stands between the tags, which is why the text must be in there as it is. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** Text in a script ends at what looks like an end tag, and begins anew at what looks like a comment: neither has a chance. */
function escapeJson(json: string): string {
  return json
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}

function iconOf(status: ReportData['status']): string {
  const colour = status === 'passed' ? '#1a7f37' : status === 'skipped' || status === 'cancelled' ? '#6e7781' : '#cf222e';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colour}"/></svg>`;
}
