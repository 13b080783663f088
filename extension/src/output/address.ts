import type { NodeKey } from '../store/records.ts';

/** The scheme of documents that show what steps wrote. */
export const outputScheme = 'treadle-output';

/** What an output document shows: a step's last run, as it goes on, or what a step wrote in one run of this window. */
export type OutputAddress =
  { readonly kind: 'live'; readonly node: NodeKey } | { readonly kind: 'run'; readonly runId: string; readonly step: string };

/** The parts of the document's URI. The path is what the editor's tab says. */
export function encodeAddress(address: OutputAddress, pipeline: string, step: string): { readonly path: string; readonly query: string } {
  const title = [pipeline, step].map((part) => part.replaceAll(/[/\\]/g, '∕')).join('/');
  return { path: `/${title} (output)`, query: JSON.stringify(address) };
}

/** `undefined` for a query that nobody made: URIs can come from anywhere. */
export function decodeAddress(query: string): OutputAddress | undefined {
  let value: unknown;
  try {
    value = JSON.parse(query);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  if (value.kind === 'live' && 'node' in value && typeof value.node === 'string') return { kind: 'live', node: value.node };
  if (value.kind !== 'run' || !('runId' in value) || !('step' in value)) return undefined;
  const { runId, step } = value;
  return typeof runId === 'string' && typeof step === 'string' ? { kind: 'run', runId, step } : undefined;
}
