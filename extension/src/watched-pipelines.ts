import type { ProjectKey } from './store/records.ts';

/** Where the editor remembers things of a workspace. */
export interface Memory {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): Thenable<void>;
}

const memoryKey = 'treadle.watched';

/** Which pipelines run again on a save, as it was left in this workspace. */
export class WatchedPipelines {
  private readonly memory: Memory;
  private readonly names = new Map<ProjectKey, Set<string>>();

  constructor(memory: Memory) {
    this.memory = memory;
    const saved: unknown = memory.get(memoryKey);
    if (typeof saved !== 'object' || saved === null) return;
    for (const [project, names] of Object.entries(saved)) {
      // Written by another version, perhaps.
      if (Array.isArray(names)) this.names.set(project, new Set(names.filter((name) => typeof name === 'string')));
    }
  }

  get projects(): readonly ProjectKey[] {
    return [...this.names.keys()];
  }

  of(project: ProjectKey): readonly string[] {
    return [...(this.names.get(project) ?? [])];
  }

  async set(project: ProjectKey, pipeline: string, enabled: boolean): Promise<void> {
    const names = this.names.get(project) ?? new Set();
    if (enabled) names.add(pipeline);
    else names.delete(pipeline);
    if (names.size === 0) this.names.delete(project);
    else this.names.set(project, names);
    await this.memory.update(memoryKey, Object.fromEntries([...this.names].map(([key, own]) => [key, [...own]])));
  }
}
