/** Things at files that several owners have; tells which files look different after a change of one owner's. */
export class ByOwner<Thing extends { readonly file: string }> {
  private readonly owned = new Map<string, ReadonlyMap<string, readonly Thing[]>>();

  /** Everything that an owner has from now on. Returns the files that change. */
  set(owner: string, things: readonly Thing[]): readonly string[] {
    const before = this.owned.get(owner);
    const now = Map.groupBy(things, ({ file }) => file);
    if (now.size === 0) this.owned.delete(owner);
    else this.owned.set(owner, now);
    return [...new Set([...(before?.keys() ?? []), ...now.keys()])];
  }

  /** What all owners have at a file, in the order in which they first came. */
  at(file: string): readonly Thing[] {
    return [...this.owned.values()].flatMap((files) => files.get(file) ?? []);
  }

  get owners(): readonly string[] {
    return [...this.owned.keys()];
  }
}
