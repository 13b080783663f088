import { existsSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { mayHold } from '../files/listed-files.ts';
import { isInside, projectPath } from '../files/project-path.ts';

/** As many links in a row are followed as Linux does. */
const longestWay = 40;

/** What a link leads to. */
interface Destination {
  /** Where it leads, or led when it last led anywhere; absolute, without links. */
  readonly target: string | undefined;
  readonly isFolder: boolean;
  /** Another when it leads elsewhere, or to something else in the same place; `''` when it leads nowhere. */
  readonly identity: string;
}

/** A link that leads elsewhere than before. */
export interface MovedLink {
  /** What it is called in the project. */
  readonly names: readonly string[];
  readonly before: Destination;
  readonly now: Destination;
}

/**
 * The links that steps read their `inputs` through. It follows those that `listFiles` follows: what decides whether a step
 * has anything to do is what starts a run.
 */
export class InputLinks {
  private readonly root: string;
  private inputs: readonly (readonly string[])[] = [];
  /** By the path of the link, which has no other link in it. */
  private readonly links = new Map<string, Destination>();
  private readonly namesOfLinks = new Map<string, string[]>();
  private readonly namesOfTargets = new Map<string, string[]>();
  private readonly linksByPoint = new Map<string, Set<string>>();

  /** @param root - absolute, without links */
  constructor(root: string) {
    this.root = root;
  }

  /** What links lead to: folders that are to be watched. */
  get folders(): readonly string[] {
    return [
      ...new Set(
        [...this.links].flatMap(([path, { target, isFolder }]) =>
          isFolder && target !== undefined && this.namesOfLinks.has(path) ? [target] : [],
        ),
      ),
    ];
  }

  /** Paths that decide where links lead; what happens there is for {@link recheck}. */
  get points(): readonly string[] {
    return [...this.linksByPoint.keys()];
  }

  has(path: string): boolean {
    return this.links.has(path);
  }

  /** Whether links lead to just this path. */
  leadTo(path: string): boolean {
    return this.namesOfTargets.has(path);
  }

  /** A link was seen. Returns whether it is a new one. */
  note(path: string): boolean {
    if (this.links.has(path)) return false;
    this.links.set(path, destinationOf(path));
    return true;
  }

  /** Names in the project of a link that is followed. */
  namesOfLink(path: string): readonly string[] {
    return this.namesOfLinks.get(path) ?? [];
  }

  /** Names in the project of what has this path, by way of links. */
  namesOf(path: string): readonly string[] {
    if (this.namesOfTargets.size === 0) return [];
    const found: string[] = [];
    for (let folder = path; ; folder = dirname(folder)) {
      const rest = projectPath(folder, path);
      for (const name of this.namesOfTargets.get(folder) ?? []) found.push(rest === '' ? name : `${name}/${rest}`);
      if (folder === dirname(folder)) return found;
    }
  }

  /** Finds out which links are followed. */
  follow(inputs: readonly (readonly string[])[] = this.inputs): void {
    this.inputs = inputs;
    for (const map of [this.namesOfLinks, this.namesOfTargets, this.linksByPoint]) map.clear();
    for (const path of this.links.keys()) if (isInside(this.root, path)) this.visit(path, projectPath(this.root, path), []);
  }

  /** Something happened at one of the {@link points}. */
  recheck(point: string): { readonly moved: readonly MovedLink[]; readonly files: readonly string[] } {
    const moved: MovedLink[] = [];
    const files: string[] = [];
    let leadsNowhere = false;
    for (const path of this.linksByPoint.get(point) ?? []) {
      const before = this.links.get(path) ?? nowhere;
      const now = destinationOf(path);
      const names = this.namesOfLinks.get(path) ?? [];
      if (now.identity !== before.identity) {
        // What is told late of where it led before still has its name.
        this.links.set(path, now.target === undefined ? { ...before, identity: '' } : now);
        moved.push({ names, before, now });
      }
      if (!now.isFolder) files.push(...names);
      leadsNowhere ||= now.target === undefined;
    }
    // The next part of the way may be there by now.
    if (moved.length > 0 || leadsNowhere) this.follow();
    return { moved, files };
  }

  /** @param above - the folders that led to the link, without links */
  private visit(path: string, name: string, above: readonly string[]): void {
    if (!this.inputs.some((patterns) => mayHold(patterns, name))) return;
    for (const point of wayOf(path)) this.linksByPoint.set(point, (this.linksByPoint.get(point) ?? new Set()).add(path));
    addTo(this.namesOfLinks, path, name);
    const { target, isFolder } = this.links.get(path) ?? nowhere;
    if (target === undefined) return;
    const here = [...above, dirname(path)];
    // A circle.
    if (isFolder && here.some((folder) => isInside(target, folder))) return;
    addTo(this.namesOfTargets, target, name);
    if (!isFolder) return;
    for (const inner of this.links.keys()) {
      if (isInside(target, inner)) this.visit(inner, `${name}/${projectPath(target, inner)}`, [...here, target]);
    }
  }
}

const nowhere: Destination = { target: undefined, isFolder: false, identity: '' };

function destinationOf(path: string): Destination {
  try {
    const target = realpathSync(path);
    const stats = statSync(target);
    return { target, isFolder: stats.isDirectory(), identity: stats.isDirectory() ? `${stats.dev} ${stats.ino} ${target}` : target };
  } catch {
    return nowhere;
  }
}

/** The paths that decide where a link leads: its own, those of the links that it leads to, and the last one's target. */
function wayOf(path: string): readonly string[] {
  const way = [path];
  for (let at = path; way.length < longestWay;) {
    try {
      at = resolve(dirname(at), readlinkSync(at));
    } catch {
      break;
    }
    // Where a folder is missing, it has to come first.
    let point = at;
    while (!existsSync(dirname(point))) point = dirname(point);
    way.push(join(realpathSync(dirname(point)), point.slice(dirname(point).length)));
  }
  return way;
}

function addTo(names: Map<string, string[]>, key: string, name: string): void {
  const known = names.get(key);
  if (known === undefined) names.set(key, [name]);
  else if (!known.includes(name)) known.push(name);
}
