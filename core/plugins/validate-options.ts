import type { StandardSchemaV1 } from '@standard-schema/spec';
import { TreadleError } from '../contract/errors.ts';
import type { SourceLocation } from '../contract/status.ts';
import type { PluginImplementation } from '../model/definition.ts';

/** Whose options are validated. */
export interface OptionsOwner {
  readonly stepId: string;
  readonly location?: SourceLocation | undefined;
}

/**
 * Validates the options of a step with its plugin's schema, and gives them with their defaults filled in.
 * Left out options are validated as `{}`.
 *
 * @throws `E_PLUGIN_OPTIONS`, listing each issue with its path.
 */
export async function validateOptions(implementation: PluginImplementation, options: unknown, owner: OptionsOwner): Promise<unknown> {
  const schema = implementation.options;
  if (schema === undefined) return options;
  const result = await check(schema, options === undefined ? {} : options, owner);
  if (result.issues === undefined) return result.value;
  if (options === undefined) {
    const withNothing = await check(schema, undefined, owner);
    if (withNothing.issues === undefined) return withNothing.value;
  }
  throw optionsError(
    owner,
    result.issues.map((issue) => `options${showPath(issue)}: ${issue.message}`),
  );
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

function showPath(issue: StandardSchemaV1.Issue): string {
  return (issue.path ?? [])
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .map((key) =>
      typeof key === 'number'
        ? `[${key}]`
        : /^[A-Za-z_$][\w$]*$/.test(String(key))
          ? `.${String(key)}`
          : `[${JSON.stringify(String(key))}]`,
    )
    .join('');
}
