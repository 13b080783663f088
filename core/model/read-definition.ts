import type { SourceLocation } from '../contract/status.ts';
import { callSiteOfStep } from './classic.ts';
import { checkId, checkSettings, type SettingProblem, type SettingsOwner } from './check-settings.ts';
import type { CallSite, GroupDefinition, PipelineDefinition, SequenceDefinition, StepDefinition } from './definition.ts';
import { builderName, type BranchDraft, type Draft, type StepDraft } from './draft.ts';
import { asBranch, asStep } from './input-shape.ts';
import { misusedEntry } from './misuse.ts';
import type { Problem } from './problem.ts';

/** Deeper than anybody writes, and shallow enough for every recursion over a plan. */
const deepest = 200;

export type Locate = (callSite: CallSite) => SourceLocation | undefined;

/** Where something is written. */
interface Spot {
  readonly place: string;
  readonly location: SourceLocation | undefined;
}

/** Reads what the builders made, whatever people put into it, and collects all that is wrong. */
export class DefinitionReader {
  readonly problems: Problem[] = [];
  private readonly locate: Locate;
  private readonly enclosing = new Set<unknown>();

  constructor(locate: Locate) {
    this.locate = locate;
  }

  pipeline(definition: PipelineDefinition, name: string): readonly Draft[] {
    const spot = { place: `the pipeline "${name}"`, location: this.locationOf(definition.callSite, undefined) };
    if (definition.misuse !== undefined) this.report({ ...definition.misuse, location: spot.location });
    else this.checkSettings('pipeline', definition.settings, { who: `Pipeline "${name}"`, spot });
    return this.entries(definition.children, { place: 'the pipeline', location: spot.location }) ?? [];
  }

  /** `undefined` for a list that cannot be read at all, and that was reported. */
  private entries(children: readonly unknown[], parent: Spot): readonly Draft[] | undefined {
    if (this.enclosing.has(children) || this.enclosing.size >= deepest) {
      const message = this.enclosing.has(children) ? 'contains itself' : `is nested more than ${deepest} levels deep`;
      this.report({ message: `${capitalise(parent.place)} ${message}.`, location: parent.location });
      return undefined;
    }
    this.enclosing.add(children);
    // By index: holes count, and forEach would pass over them.
    const drafts = Array.from(children, (child, index) => {
      const entry = `entry ${index + 1} of ${parent.place}`;
      return this.entry(child, { place: entry, location: parent.location });
    });
    this.enclosing.delete(children);
    return drafts.filter((draft) => draft !== undefined);
  }

  private entry(input: unknown, spot: Spot): Draft | undefined {
    const branch = asBranch(input);
    if (branch !== undefined) return this.branch(branch, { ...spot, location: this.locationOf(branch.callSite, spot.location) });
    const step = asStep(input);
    if (step !== undefined) {
      const callSite = step.callSite ?? (typeof input === 'object' && input !== null ? callSiteOfStep(input) : undefined);
      return this.step(step, { ...spot, location: this.locationOf(callSite, spot.location) });
    }
    const { message, hint } = misusedEntry(input);
    this.report({ message: `${capitalise(spot.place)} ${message}`, hint, location: spot.location });
    return undefined;
  }

  private step(definition: StepDefinition, spot: Spot): StepDraft | undefined {
    const { id, settings, misuse } = definition;
    if (!this.checkId(id, spot)) return undefined;
    const about = { who: `Step "${id}"`, spot, stepId: id };
    if (misuse !== undefined) this.report({ ...misuse, stepId: id, location: spot.location });
    else if (definition.run === undefined && definition.uses === undefined && definition.plugin === undefined) {
      this.report({ message: `Step "${id}" has nothing to run.`, stepId: id, location: spot.location });
    }
    // Those that a step by name has beside its settings, for one that misspells them.
    const sound = this.checkSettings('step', settings, about, definition.uses === undefined ? [] : ['uses', 'with']);
    return { kind: 'step', id, definition, weight: sound ? settings.weight : undefined, ...spot };
  }

  private branch(definition: GroupDefinition | SequenceDefinition, spot: Spot): BranchDraft | undefined {
    const { kind, settings, misuse } = definition;
    const call = `${builderName(definition)}(…)`;
    if (misuse !== undefined) {
      // What was taken for settings may be anything now.
      this.report({ ...misuse, location: spot.location });
      return { kind: 'branch', id: undefined, definition, children: [], weight: undefined, ...spot };
    }
    const own = isRecord(settings) ? settings['id'] : undefined;
    const id = typeof own === 'string' ? own : undefined;
    const about = { who: id === undefined ? capitalise(`${call} (${spot.place})`) : `${capitalise(kind)} "${id}"`, spot };
    const sound = this.checkSettings(kind, settings, about);
    if (sound && definition.kind === 'group') this.checkQuorum(definition, about);
    const children = this.entries(definition.children, {
      place: id === undefined ? call : `${call} "${id}"`,
      location: spot.location,
    });
    if (children === undefined) return undefined;
    return { kind: 'branch', id, definition, children, weight: sound ? settings.weight : undefined, ...spot };
  }

  private checkQuorum({ operator, settings, children }: GroupDefinition, { who, spot }: About): void {
    const { count } = settings;
    const report = (message: string, hint: string): void => this.report({ message: `${who}: ${message}.`, hint, location: spot.location });
    if (settings.operator !== undefined && settings.operator !== operator) {
      report(`operator is '${settings.operator}', but the group was made with ${operator}`, `Write ${settings.operator}([ … ]) instead.`);
    } else if (operator !== 'atLeast') {
      if (count !== undefined) report('count has no meaning here', `It belongs to atLeast(${count}, [ … ]).`);
    } else if (count === undefined) report('count is missing', 'Say how many must pass: atLeast(2, [ … ]).');
    else if (count > children.length) {
      report(`count is ${count}, but there are only ${children.length} to choose from`, 'Lower the count, or use all([ … ]).');
    }
  }

  private checkId(id: unknown, spot: Spot): id is string {
    if (id === '') {
      this.report({ message: `The id of ${spot.place} is empty.`, location: spot.location });
      return false;
    }
    const problem = checkId(id);
    if (problem === undefined) return true;
    this.report({ ...problem, message: `${capitalise(spot.place)}: ${problem.message}.`, location: spot.location });
    return false;
  }

  /** Whether all of them are as they should be. */
  private checkSettings(owner: SettingsOwner, settings: unknown, { who, spot, stepId }: About, more: readonly string[] = []): boolean {
    const problems: readonly SettingProblem[] = checkSettings(owner, settings, more);
    for (const { code, message, hint } of problems)
      this.report({ code, message: `${who}: ${message}.`, hint, stepId, location: spot.location });
    return problems.length === 0;
  }

  private locationOf(callSite: CallSite | undefined, fallback: SourceLocation | undefined): SourceLocation | undefined {
    return (callSite === undefined ? undefined : this.locate(callSite)) ?? fallback;
  }

  private report(problem: Omit<Problem, 'code'> & Partial<Pick<Problem, 'code'>>): void {
    this.problems.push({ code: 'E_CONFIG_INVALID', ...problem });
  }
}

interface About {
  readonly who: string;
  readonly spot: Spot;
  readonly stepId?: string;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function capitalise(text: string): string {
  // What begins with the name of a builder keeps it as it is written.
  return /^\w+\(/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}
