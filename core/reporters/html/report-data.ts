import type { Conflict, Diagnostic, RunCounts, TestResult } from '../../contract/events.ts';
import type { SourceLocation, Status } from '../../contract/status.ts';
import type { Attachment, NodeState } from '../run-view.ts';

// What the page of a report shows: plain JSON, written into the page and read by its script.

export interface ReportData {
  readonly pipeline: string;
  readonly runId: string;
  /** `stopped`: the run was killed before it could end. */
  readonly status: Status | 'stopped';
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly counts: RunCounts;
  /** In the order of the plan: each before its children. */
  readonly nodes: readonly ReportNode[];
  /** Errors of the run itself. */
  readonly errors: readonly ReportError[];
  /** Final results, as JSON with line breaks; absent where there are none. */
  readonly results?: string;
}

export interface ReportNode {
  readonly id: string;
  readonly kind: 'step' | 'group' | 'sequence';
  /** What it is, such as `shell`, `all of 3` or `in order`. */
  readonly what: string;
  /** Whether a person gave it its id. */
  readonly named: boolean;
  readonly depth: number;
  readonly description?: string;
  readonly state: NodeState;
  /** Whether its failure decided nothing. */
  readonly tolerated: boolean;
  /** Milliseconds since the run began. */
  readonly startMs?: number;
  readonly durationMs: number;
  readonly attempts: number;
  readonly flaky: boolean;
  readonly cached: boolean;
  readonly reason?: string;
  readonly thread?: number;
  readonly location?: SourceLocation;
  /** Attempts that were followed by another. */
  readonly earlier: readonly { readonly startMs: number; readonly endMs: number; readonly error: ReportError }[];
  readonly error?: ReportError;
  readonly tests: readonly ReportTest[];
  readonly diagnostics: readonly Diagnostic[];
  readonly warnings: readonly string[];
  readonly conflicts: readonly Conflict[];
  readonly attachments: readonly Attachment[];
  /** With colours, as terminals write them. */
  readonly output?: string;
  /** How much of lists and output was left out. */
  readonly left: { readonly tests: number; readonly diagnostics: number; readonly output: number };
}

export interface ReportTest extends Omit<TestResult, 'path'> {
  readonly path: readonly string[];
  readonly frame?: string;
}

export interface ReportError {
  readonly code: string;
  readonly name: string;
  readonly message: string;
  readonly hint?: string;
  readonly location?: SourceLocation;
  /** The lines around the place, with a mark and a caret. */
  readonly frame?: string;
  readonly stack?: string;
  readonly cause?: ReportError;
  readonly errors?: readonly ReportError[];
}
