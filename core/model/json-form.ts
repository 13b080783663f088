import { checkId, checkSettings, type SettingProblem, type SettingsOwner } from './check-settings.ts';
import type { GroupDefinition, PipelineDefinition, SequenceDefinition, StepDefinition, StepInput } from './definition.ts';
import { type JsonDocument, type JsonNode, parseJsonDocument, propertiesOf, propertyAt, valueOf } from './json-document.ts';
import { branchKeys, isBranchKey, stepKeys, type BranchKey } from './json-keys.ts';
import { problemsError, type Problem } from './problem.ts';

/**
 * Reads a pipeline file in JSON, where comments and trailing commas are welcome: one pipeline, an object that has `steps`;
 * or several by name, as `{ "pipelines": { "ci": { … } } }` or simply `{ "ci": { … } }`.
 *
 * @param file - Names the file in errors and call sites, as it is to be shown.
 * @throws `E_CONFIG_LOAD` when it is no JSON; `E_CONFIG_INVALID` with all problems, each at its line and column.
 */
export function readJsonPipelines(text: string, file: string): PipelineDefinition | Record<string, PipelineDefinition> {
  const document = parseJsonDocument(text, file);
  const { root, syntaxError } = document;
  if (syntaxError !== undefined) {
    const { message, hint, location } = syntaxError;
    throw problemsError(file, [{ code: 'E_CONFIG_LOAD', message: `${file} is not valid JSON: ${message}.`, hint, location }]);
  }
  const reader = new JsonFormReader(document);
  const pipelines = reader.file(root, file);
  const [first, ...others] = reader.problems.toSorted(byPlace);
  if (first !== undefined) throw problemsError(file, [first, ...others]);
  return pipelines;
}

function byPlace({ location: left }: Problem, { location: right }: Problem): number {
  return (left?.line ?? 0) - (right?.line ?? 0) || (left?.column ?? 0) - (right?.column ?? 0);
}

class JsonFormReader {
  readonly problems: Problem[] = [];
  private readonly document: JsonDocument;

  constructor(document: JsonDocument) {
    this.document = document;
  }

  file(root: JsonNode | undefined, file: string): PipelineDefinition | Record<string, PipelineDefinition> {
    if (root?.type !== 'object') {
      const what = root === undefined ? 'is empty' : 'must hold an object';
      this.report(root, `${file} ${what}.`, 'Write { "steps": [ … ] }.');
      return {};
    }
    this.refuseDuplicateKeys(root);
    const properties = propertiesOf(root).filter(({ name }) => name !== '$schema');
    const named = properties.find(({ name }) => name === 'pipelines');
    if (named !== undefined) {
      for (const { name, key } of properties)
        if (name !== 'pipelines') this.report(key, `"${name}" has no place beside "pipelines".`, 'Put it into a pipeline.');
      return this.named(named.value);
    }
    const isNamed =
      properties.length > 0 && properties.every(({ value }) => value.type === 'object' && propertyAt(value, ['steps']) !== undefined);
    return isNamed ? this.named(root) : this.pipeline(root);
  }

  private named(node: JsonNode): Record<string, PipelineDefinition> {
    const properties = node.type === 'object' ? propertiesOf(node).filter(({ name }) => name !== '$schema') : [];
    if (properties.length === 0) this.report(node, '"pipelines" must be an object of pipelines.', 'Write { "ci": { "steps": [ … ] } }.');
    return Object.fromEntries(properties.map(({ name, value }) => [name, this.pipeline(value)]));
  }

  private pipeline(node: JsonNode): PipelineDefinition {
    const empty: PipelineDefinition = { kind: 'pipeline', children: [], settings: {} };
    if (node.type !== 'object') {
      this.report(node, 'A pipeline must be an object.', 'Write { "steps": [ … ] }.');
      return empty;
    }
    const settings = this.settings('pipeline', node, 'The pipeline', ['$schema', 'steps']);
    const steps = propertyAt(node, ['steps']);
    if (steps === undefined) {
      if (!settings.hasUnknownKey) this.report(node, 'The pipeline has no "steps".', 'Write "steps": [ … ].');
      return empty;
    }
    const children = this.entries(steps.value, 'the pipeline', 'steps');
    return { kind: 'pipeline', children, settings: settings.values, callSite: this.document.locationOf(node.offset) };
  }

  private entries(node: JsonNode, parent: string, key: string): readonly StepInput[] {
    if (node.type !== 'array') {
      this.report(node, `"${key}" must be a list of steps.`, `Write "${key}": [ … ].`);
      return [];
    }
    return (node.children ?? []).flatMap((child, index) => this.entry(child, `entry ${index + 1} of ${parent}`) ?? []);
  }

  private entry(node: JsonNode, place: string): StepInput | undefined {
    if (node.type === 'array') return this.group('all', node, this.entries(node, `the list that is ${place}`, 'steps'), {});
    if (node.type !== 'object') {
      this.report(node, `${capitalise(place)} is not a step.`, 'Write { "id": "…", "uses": "plugin", "with": { … } }.');
      return undefined;
    }
    const keys = propertiesOf(node).filter(({ name }) => isBranchKey(name));
    const [own, second] = keys;
    if (own === undefined || !isBranchKey(own.name)) return this.step(node, place);
    if (second !== undefined)
      this.report(second.key, `${capitalise(place)} has both "${own.name}" and "${second.name}".`, 'Put one into the other.');
    return this.branch(own.name, node, own.value, place);
  }

  private branch(key: BranchKey, node: JsonNode, steps: JsonNode, place: string): GroupDefinition | SequenceDefinition {
    const settings = this.settings(key === 'sequence' ? 'sequence' : 'group', node, capitalise(place), [...branchKeys]);
    return this.group(key, node, this.entries(steps, `"${key}"`, key), settings.values);
  }

  private group(key: BranchKey, node: JsonNode, children: readonly StepInput[], settings: object): GroupDefinition | SequenceDefinition {
    const base = { children, settings, callSite: this.document.locationOf(node.offset) };
    return key === 'sequence' ? { kind: 'sequence', ...base } : { kind: 'group', operator: key, ...base };
  }

  private step(node: JsonNode, place: string): StepDefinition | undefined {
    const id = propertyAt(node, ['id']);
    const uses = propertyAt(node, ['uses']);
    const options = propertyAt(node, ['with']);
    const who = id?.value.type === 'string' ? `Step "${String(id.value.value)}"` : capitalise(place);
    const more = uses === undefined ? [...stepKeys, ...branchKeys] : stepKeys;
    const settings = this.settings('step', node, who, more);
    // A key that is misspelt explains what is missing.
    if (!settings.hasUnknownKey) {
      if (id === undefined) this.report(node, `${who} has no "id".`, 'Write "id": "…", unique in the pipeline.');
      if (uses === undefined)
        this.report(
          node,
          `${who} has nothing to run.`,
          'Write "uses": "plugin"; or "all", "any", "atLeast" or "sequence" with a list of steps.',
        );
    }
    const idProblem = id === undefined ? undefined : checkId(valueOf(id.value));
    if (idProblem !== undefined) this.report(id?.value, `${capitalise(place)}: ${idProblem.message}.`, idProblem.hint);
    if (uses !== undefined && (uses.value.type !== 'string' || uses.value.value === ''))
      this.report(uses.value, `${who}: uses must be the name of a plugin.`);
    if (id === undefined || uses === undefined) return undefined;
    return {
      kind: 'step',
      id: String(id.value.value),
      uses: String(uses.value.value),
      ...(options === undefined ? {} : { with: valueOf(options.value) }),
      settings: settings.values,
      callSite: this.document.locationOf(node.offset),
    };
  }

  private settings(
    owner: SettingsOwner,
    node: JsonNode,
    who: string,
    more: readonly string[],
  ): { readonly values: object; readonly hasUnknownKey: boolean } {
    const values = Object.fromEntries(propertiesOf(node).map(({ name, value }) => [name, valueOf(value)]));
    const problems: readonly SettingProblem[] = checkSettings(owner, values, more);
    for (const { code, path, aboutKey, message, hint } of problems) {
      const property = propertyAt(node, path);
      this.report(aboutKey ? property?.key : property?.value, `${who}: ${message}.`, hint, code);
    }
    const own = Object.fromEntries(Object.entries(values).filter(([key]) => !more.includes(key)));
    return { values: own, hasUnknownKey: problems.some(({ aboutKey }) => aboutKey) };
  }

  private refuseDuplicateKeys(node: JsonNode): void {
    if (node.type === 'object') {
      const seen = new Set<string>();
      for (const { name, key } of propertiesOf(node)) {
        if (seen.has(name)) this.report(key, `"${name}" is written twice.`, 'Remove one: only the last would count.');
        seen.add(name);
      }
    }
    for (const child of node.children ?? []) this.refuseDuplicateKeys(child);
  }

  private report(node: JsonNode | undefined, message: string, hint?: string, code: Problem['code'] = 'E_CONFIG_INVALID'): void {
    this.problems.push({ code, message, hint, location: this.document.locationOf(node?.offset ?? 0) });
  }
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
