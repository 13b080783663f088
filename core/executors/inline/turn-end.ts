/** Does what is put off to the end of a turn of the event loop; all that one turn puts off takes a single wake. */
export class TurnEnd {
  private due: (() => void)[] = [];

  after(work: () => void): void {
    if (this.due.push(work) === 1) setImmediate(this.doAll);
  }

  private readonly doAll = (): void => {
    const { due } = this;
    this.due = [];
    for (const work of due) work();
  };
}
