import { createHash } from 'node:crypto';
import type { Diagnostic } from '../contract/events.ts';
import type { ReporterFactory, ReporterOptions } from './reporter.ts';
import { repositoryPath } from './repository-path.ts';
import { applyEvent, createRunView, type RunView } from './run-view.ts';
import { oneLine } from './style.ts';

const severities: { readonly [Severity in Diagnostic['severity']]: string } = { error: 'major', warning: 'minor', info: 'info' };

/** What tools found, for GitLab's Code Quality: a JSON list, when the run has ended. */
export const createReporter: ReporterFactory = (output, options) => {
  const view = createRunView();
  return {
    onEvent: (event) => applyEvent(view, event),
    close: () => output.write(`${JSON.stringify(findings(view, options), null, 2)}\n`),
  };
};

function findings(view: RunView, options: ReporterOptions): readonly object[] {
  const seen = new Map<string, number>();
  return [...view.nodes.values()]
    .flatMap(({ diagnostics }) => diagnostics)
    .map(({ file, line, endLine, severity, message, source, code }) => {
      const path = repositoryPath(file, options);
      const check = [source, code].filter((part) => part !== undefined && part !== '').join('/') || 'treadle';
      // Half a character is no JSON to many a parser.
      const description = oneLine(message).toWellFormed();
      // Not by line: a finding that moved is the same. The same one twice in a file is counted.
      const identity = JSON.stringify([path, check, description]);
      const count = seen.get(identity) ?? 0;
      seen.set(identity, count + 1);
      return {
        description,
        check_name: check,
        fingerprint: createHash('sha256').update(`${identity}${count}`).digest('hex'),
        severity: severities[severity],
        // Of what is about a whole file, some tools say line 0, which GitLab does not know.
        location: { path, lines: { begin: Math.max(1, line), ...(endLine === undefined ? {} : { end: Math.max(1, line, endLine) }) } },
      };
    });
}
