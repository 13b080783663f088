/** Shorter pieces are put together, so that a text that comes in single characters does not take many times its size. */
const shortestPiece = 16 * 1024;

/** The end of a text of any length, in bounded memory: what is too old is dropped in pieces, and nothing is copied for that. */
export class EndOfText {
  /** Of all that was added, in characters. */
  length = 0;
  private readonly limit: number;
  private readonly pieces: string[] = [];
  /** The pieces before it are dropped. */
  private first = 0;
  private kept = 0;
  private short: string[] = [];
  private shortLength = 0;

  /** @param limit - how much is kept, in characters */
  constructor(limit: number) {
    this.limit = limit;
  }

  add(text: string): void {
    this.length += text.length;
    this.short.push(text);
    this.shortLength += text.length;
    if (this.shortLength >= shortestPiece) this.addPiece();
  }

  /** What was added last. */
  get last(): string {
    return this.short.at(-1) ?? this.pieces.at(-1) ?? '';
  }

  toString(): string {
    const end = [...this.pieces.slice(this.first), ...this.short].join('').slice(-this.limit);
    // Never begin in the middle of a character that takes two units.
    return /^[\uDC00-\uDFFF]/.test(end) ? end.slice(1) : end;
  }

  private addPiece(): void {
    this.pieces.push(this.short.length === 1 ? (this.short[0] ?? '') : this.short.join(''));
    this.kept += this.shortLength;
    this.short = [];
    this.shortLength = 0;
    for (let oldest = this.oldest; this.kept - oldest >= this.limit; oldest = this.oldest) {
      this.kept -= oldest;
      this.pieces[this.first] = '';
      this.first += 1;
    }
    if (this.first <= this.pieces.length / 2) return;
    this.pieces.splice(0, this.first);
    this.first = 0;
  }

  private get oldest(): number {
    return this.pieces[this.first]?.length ?? 0;
  }
}
