import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { configsIn } from '../config/find-config.ts';
import { reviveError, serializeError } from '../context/errors.ts';
import { TreadleError, type SerializedError } from '../contract/errors.ts';
import { stepIds, type Plan } from '../contract/plan.ts';
import { createEngine, listenerOf, newRunId, type Engine, type RunHandle, type RunRequest } from '../engine.ts';
import { selectSteps } from '../model/select.ts';
import { mostShards, type Line } from '../model/shard.ts';
import { suggest } from '../model/suggest.ts';
import { refuseEndless } from '../outer-runs.ts';
import { chooseShard } from '../shard-request.ts';
import { findWorkspace, type Workspace, type WorkspacePackage } from './find-packages.ts';
import { inFolderOf } from './joint-events.ts';
import { joinPlans, nodeId } from './joint-plan.ts';
import { JointRun, type RunMember } from './joint-run.ts';
import { orderPackages, type OrderedPackage } from './package-order.ts';

/** What is run in each package, and how. */
export interface WorkspaceOptions {
  readonly cwd: string;
  /** Default: the only pipeline of each package, or the one named `default`. */
  readonly pipeline?: string;
  /** How many packages run at once. Default: as many as the machine has processors. */
  readonly atOnce?: number;
  /** What is asked of a package's engine; not which steps. */
  readonly request: (engine: Engine) => RunRequest;
}

interface LoadedPackage extends OrderedPackage {
  readonly engine: Engine;
}

/** The packages of a workspace that have a pipeline, as one engine. */
export class WorkspaceEngine {
  readonly project: { readonly root: string };
  readonly packages: readonly LoadedPackage[];
  private readonly workspace: Workspace;
  private readonly options: WorkspaceOptions;
  /** Of all packages with a pipeline file, whether they take part or not. */
  private readonly loaded: readonly Engine[];

  constructor(
    workspace: Workspace,
    packages: readonly LoadedPackage[],
    options: WorkspaceOptions & { readonly loaded: readonly Engine[] },
  ) {
    this.workspace = workspace;
    this.loaded = options.loaded;
    this.project = { root: workspace.root };
    this.packages = packages;
    this.options = options;
  }

  /** The joint plan: of all packages, or of what a request chooses by names of packages and joint ids. */
  plan(request: RunRequest = {}): Plan {
    const whole = this.wholePlan(request);
    return request.shard === undefined ? whole : chooseShard(whole, request.shard, this.lines(whole)).plan;
  }

  mostShards(request: RunRequest = {}): number {
    const whole = this.wholePlan(request);
    return mostShards(whole, this.lines(whole));
  }

  private wholePlan(request: RunRequest): Plan {
    const settings = {
      failFast: request.failFast ?? true,
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    };
    const whole = joinPlans(this.workspace.name, this.members(), settings);
    return request.only === undefined ? whole : selectSteps(whole, { only: request.only });
  }

  /** The packages of a joint plan: what of each is in order, and which of them come before it. */
  private lines(joint: Plan): readonly Line[] {
    const after = new Map(chosenParts(this.members(), joint).map((member) => [member.name, member.after]));
    return joint.children
      .flatMap((group) => (group.kind === 'step' ? [] : group.children))
      .map(({ id, ...rest }) => ({ name: id, children: 'children' in rest ? rest.children : [], after: after.get(id) ?? [] }));
  }

  nameOf(): string {
    return this.options.pipeline ?? 'default';
  }

  start(request: RunRequest = {}): RunHandle {
    const plan = this.plan(request);
    const { shard, expected, trigger } = request;
    const whole = this.wholePlan(request);
    return new JointRun({
      runId: newRunId(),
      pipeline: this.nameOf(),
      plan,
      members: chosenParts(this.members(), plan),
      root: this.workspace.root,
      atOnce: this.options.atOnce ?? availableParallelism(),
      outlook: {
        ...(trigger === undefined ? {} : { trigger }),
        ...(shard === undefined ? {} : { shard: chooseShard(whole, shard, this.lines(whole)).shard }),
        ...(expected === undefined ? {} : { expected: Object.fromEntries(expected) }),
      },
      onEvent: listenerOf(request, this.workspace.root, plan),
    });
  }

  /** Refuses what would never end in one of the packages: see {@link refuseEndless}. */
  refuseEndless(request: RunRequest): void {
    for (const { engine, plan, ...member } of chosenParts(this.members(), this.plan(request))) {
      try {
        refuseEndless({ configFile: engine.project.configFile, pipeline: engine.nameOf(member.request) }, () => plan);
      } catch (error) {
        throw reviveError(errorIn(serializeError(error), member));
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.loaded.map((engine) => engine.close()));
  }

  /** The packages, in the order of their dependencies, with their whole plans. */
  members(): readonly RunMember[] {
    return this.packages.map(({ name, folder, after, engine }) => {
      const own = this.options.request(engine);
      return { name, folder, after, engine, request: own, plan: engine.plan(own) };
    });
  }
}

/** The packages, with the parts of their plans that a joint plan holds; without those of which it holds nothing. */
function chosenParts(members: readonly RunMember[], joint: Plan): readonly RunMember[] {
  const wanted = new Set(stepIds(joint));
  const parts: RunMember[] = [];
  /** What a package that takes no part waits for is waited for by what waits for it. */
  const insteadOf = new Map<string, readonly string[]>();
  for (const member of members) {
    const after = [...new Set(member.after.flatMap((name) => insteadOf.get(name) ?? [name]))];
    const all = stepIds(member.plan);
    const only = all.filter((id) => wanted.has(nodeId(member, id)));
    if (only.length === 0) insteadOf.set(member.name, after);
    else if (only.length === all.length) parts.push({ ...member, after });
    else {
      const request = { ...member.request, only };
      parts.push({ ...member, after, request, plan: member.engine.plan(request) });
    }
  }
  return parts;
}

/**
 * Loads the packages of a workspace that have a pipeline file.
 *
 * @throws `E_USAGE` without a workspace, `E_CONFIG_NOT_FOUND` when no package has a pipeline file, `E_PIPELINE_UNKNOWN` when
 * none has the pipeline, and what is wrong with any of them.
 */
export async function openWorkspace(options: WorkspaceOptions): Promise<WorkspaceEngine> {
  const workspace = findWorkspace(options.cwd);
  const configured = workspace.packages.filter(({ folder }) => configsIn(join(workspace.root, folder)).length > 0);
  if (configured.length === 0) {
    const many = workspace.packages.length === 1 ? 'The only package' : `None of the ${workspace.packages.length} packages`;
    throw new TreadleError('E_CONFIG_NOT_FOUND', `${many} of ${workspace.root} has a treadle.config.{ts,mts,js,mjs,json}.`);
  }
  const engines = await loadAll(workspace, configured);
  try {
    const chosen = new Map([...engines].filter(([, engine]) => hasPipeline(engine, options.pipeline)));
    if (chosen.size === 0) throw unknownPipeline(options.pipeline, [...engines.values()]);
    const ordered = orderPackages(workspace.packages, ({ name }) => chosen.has(name));
    const packages = ordered.flatMap((member) => {
      const engine = chosen.get(member.name);
      return engine === undefined ? [] : [{ ...member, engine }];
    });
    return new WorkspaceEngine(workspace, packages, { ...options, loaded: [...engines.values()] });
  } catch (error) {
    await Promise.all([...engines.values()].map((engine) => engine.close()));
    throw error;
  }
}

async function loadAll(workspace: Workspace, packages: readonly WorkspacePackage[]): Promise<ReadonlyMap<string, Engine>> {
  const loaded = await Promise.allSettled(packages.map(({ folder }) => createEngine({ cwd: join(workspace.root, folder) })));
  const engines = new Map<string, Engine>();
  const problems: SerializedError[] = [];
  for (const [index, outcome] of loaded.entries()) {
    const member = packages[index];
    if (member === undefined) continue;
    if (outcome.status === 'fulfilled') engines.set(member.name, outcome.value);
    else problems.push(errorIn(serializeError(outcome.reason), member));
  }
  const [first, ...others] = problems;
  if (first === undefined) return engines;
  await Promise.all([...engines.values()].map((engine) => engine.close()));
  if (others.length === 0) throw reviveError(first);
  throw new TreadleError(first.code, `${problems.length} packages cannot be loaded.`, { errors: problems });
}

function errorIn(error: SerializedError, { name, folder }: Pick<WorkspacePackage, 'name' | 'folder'>): SerializedError {
  const moved = inFolderOf(error, folder);
  return { ...moved, message: `${name}: ${moved.message}` };
}

function hasPipeline({ project }: Engine, name: string | undefined): boolean {
  return name === undefined || project.pipelines.has(name);
}

function unknownPipeline(name: string | undefined, engines: readonly Engine[]): TreadleError {
  const names = [...new Set(engines.flatMap(({ project }) => [...project.pipelines.keys()]))];
  const near = name === undefined ? undefined : suggest(name, names);
  return new TreadleError('E_PIPELINE_UNKNOWN', `No package has a pipeline "${name}".`, {
    hint: near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean "${near}"? There are: ${names.join(', ')}.`,
  });
}
