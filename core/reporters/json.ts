import type { SerializedError } from '../contract/errors.ts';
import type { Conflict, Diagnostic, RunCounts, TestResult } from '../contract/events.ts';
import type { Plan } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import type { ReporterFactory } from './reporter.ts';
import { applyEvent, createRunView, type NodeState } from './run-view.ts';

/** The document that the `json` reporter writes. */
export interface JsonReport {
  readonly version: 1;
  readonly runId: string;
  readonly pipeline: string;
  /** Absent when the run was killed before it could end. */
  readonly status: Status | undefined;
  readonly startedAt: string;
  readonly durationMs: number | undefined;
  readonly counts: RunCounts | undefined;
  readonly plan: Plan | undefined;
  readonly nodes: readonly JsonNode[];
  readonly results: { readonly [key: string]: unknown };
  readonly errors: readonly SerializedError[];
}

/** A step or group of a {@link JsonReport}. */
export interface JsonNode {
  readonly id: string;
  readonly kind: 'step' | 'group' | 'sequence';
  readonly status: NodeState;
  readonly durationMs: number;
  readonly attempts: number;
  readonly flaky: boolean;
  readonly cached: boolean;
  readonly error?: SerializedError;
  readonly reason?: string;
  readonly tests: readonly TestResult[];
  readonly diagnostics: readonly Diagnostic[];
  readonly warnings: readonly string[];
  readonly conflicts: readonly Conflict[];
  readonly output: string;
}

/** One document, when the run has ended. */
export const createReporter: ReporterFactory = (output) => {
  const view = createRunView();
  let runId = '';
  return {
    onEvent(event) {
      runId = event.runId;
      applyEvent(view, event);
    },
    close() {
      const report: JsonReport = {
        version: 1,
        runId,
        pipeline: view.pipeline,
        status: view.end?.status,
        startedAt: new Date(view.startedAt).toISOString(),
        durationMs: view.end?.durationMs,
        counts: view.end?.counts,
        plan: view.plan,
        nodes: [...view.nodes.values()].flatMap((node) =>
          node.node.kind === 'pipeline'
            ? []
            : [
                {
                  id: node.node.id,
                  kind: node.node.kind,
                  status: node.state,
                  durationMs: node.durationMs,
                  attempts: node.attempt,
                  flaky: node.flaky,
                  cached: node.cached,
                  ...(node.error === undefined ? {} : { error: node.error }),
                  ...(node.reason === undefined ? {} : { reason: node.reason }),
                  tests: node.tests,
                  diagnostics: node.diagnostics,
                  warnings: node.warnings,
                  conflicts: node.conflicts,
                  output: node.output.toString(),
                },
              ],
        ),
        results: view.end?.results ?? {},
        errors: view.end?.errors ?? [],
      };
      output.write(`${JSON.stringify(report, null, 2)}\n`);
    },
  };
};
