import type { StandardSchemaV1 } from '@standard-schema/spec';
import { TreadleError } from '../contract/errors.ts';
import type { SourceLocation } from '../contract/status.ts';
import type { PluginImplementation } from '../model/definition.ts';
import { keyOf, showPath } from './issue-path.ts';

/** Whose options are validated. */
export interface OptionsOwner {
  readonly stepId: string;
  readonly location?: SourceLocation | undefined;
}

/** Makes lines for people of the issues that a schema has with options. */
export type ExplainIssues = (schema: StandardSchemaV1, options: unknown, issues: readonly StandardSchemaV1.Issue[]) => readonly string[];

/**
 * Validates the options of a step with its plugin's schema, and gives them with their defaults filled in.
 * Left out options are validated as `{}`.
 *
 * @param explain - Default: what the schema says, with the path. Threads do without more: the main thread asked first.
 * @throws `E_PLUGIN_OPTIONS`, listing each issue with its path.
 */
export async function validateOptions(
  implementation: PluginImplementation,
  options: unknown,
  owner: OptionsOwner,
  explain: ExplainIssues = plainIssues,
): Promise<unknown> {
  const schema = implementation.options;
  if (schema === undefined) return options;
  const result = await check(schema, options === undefined ? {} : options, owner);
  if (result.issues === undefined) return result.value;
  if (options === undefined) {
    const withNothing = await check(schema, undefined, owner);
    if (withNothing.issues === undefined) return withNothing.value;
  }
  throw optionsError(owner, explain(schema, options, result.issues));
}

/** How messages name a step: `step "types" (treadle.config.ts:7:5)`. */
export function describeStep(owner: OptionsOwner): string {
  const { location } = owner;
  return `step "${owner.stepId}"${location === undefined ? '' : ` (${location.file}:${location.line}:${location.column})`}`;
}

async function check(schema: StandardSchemaV1, options: unknown, owner: OptionsOwner): Promise<StandardSchemaV1.Result<unknown>> {
  try {
    return await schema['~standard'].validate(options);
  } catch (error) {
    throw optionsError(owner, [`options: ${error instanceof Error ? error.message : String(error)}`], error);
  }
}

function optionsError(owner: OptionsOwner, issues: readonly string[], cause?: unknown): TreadleError {
  const who = describeStep(owner);
  const [only] = issues;
  const text = issues.length === 1 ? `${who}: ${only}` : `${who}: ${issues.length} options are wrong\n  ${issues.join('\n  ')}`;
  return new TreadleError('E_PLUGIN_OPTIONS', text, {
    stepId: owner.stepId,
    ...(owner.location === undefined ? {} : { location: owner.location }),
    ...(cause === undefined ? {} : { cause }),
  });
}

function plainIssues(_schema: StandardSchemaV1, _options: unknown, issues: readonly StandardSchemaV1.Issue[]): readonly string[] {
  return issues.map((issue) => `options${showPath((issue.path ?? []).map(keyOf))}: ${issue.message}`);
}
