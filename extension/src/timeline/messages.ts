import type { KeptRunRecord, RunSpan } from '../store/records.ts';

/** From the editor to the page of a timeline. */
export type ToPage =
  | {
      readonly type: 'run';
      readonly runId: string;
      readonly pipeline: string;
      readonly state: KeptRunRecord['state'];
      /** In words. */
      readonly stateWord: string;
      readonly startedAt: number;
      readonly durationMs?: number;
      /** Spans that are new or changed since the last message, each with its place and name; of another run: all of them. */
      readonly changed: readonly (readonly [index: number, span: RunSpan, name: string])[];
      readonly texts: Texts;
    }
  | { readonly type: 'none'; readonly text: string };

/** What the page says, in the editor's language. `{0}` is replaced. */
export interface Texts {
  readonly groups: string;
  readonly steps: string;
  readonly thread: string;
  readonly attempt: string;
  readonly states: Readonly<Record<RunSpan['state'], string>>;
  readonly help: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fit: string;
  readonly follow: string;
}

/** From the page to the editor. */
export type FromPage = { readonly type: 'ready' } | { readonly type: 'open'; readonly nodeId: string };
