/** What stands where a secret was. */
export const mask = '***';

/** Lines of a secret of several lines, such as a private key, are hidden one by one from this length on. */
const shortestLine = 6;

/** Keys whose values are names that events refer to each other by, or words of Treadle's own. */
const structural = new Set(['id', 'stepId', 'stepIds', 'kept', 'kind', 'type', 'status', 'operator', 'executor', 'file', 'cwd', 'runId']);

/** Hides secrets in text and in plain data. */
export class Mask {
  private readonly pattern: RegExp | undefined;
  private readonly forms: readonly string[];
  private readonly longest: number;
  /** Most characters begin no secret. */
  private readonly beginnings: ReadonlySet<string | undefined>;

  /** @param values - the secrets; whatever they are usually encoded as is hidden too */
  constructor(values: readonly string[]) {
    // The longest first: one secret may begin like another.
    this.forms = [...new Set(values.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
    this.longest = this.forms[0]?.length ?? 0;
    this.beginnings = new Set(this.forms.map((form) => form[0]));
    this.pattern = this.forms.length === 0 ? undefined : new RegExp(this.forms.map(literally).join('|'), 'g');
  }

  /** Whether there is nothing to hide. */
  get isEmpty(): boolean {
    return this.pattern === undefined;
  }

  text(text: string): string {
    return this.pattern === undefined ? text : text.replace(this.pattern, mask);
  }

  /**
   * Masks the beginning of a stream of text, and leaves what may be the beginning of a secret.
   *
   * @returns the masked text, and what must be put before the text that follows
   */
  stream(text: string): { readonly masked: string; readonly held: string } {
    const from = this.settled(text);
    return { masked: this.text(text.slice(0, from)), held: text.slice(from) };
  }

  /** Up to where no text that follows can change what is hidden. */
  private settled(text: string): number {
    let next = 0;
    // What is part of a whole secret cannot begin another; but a secret can be the beginning of a longer one, and lie within one.
    for (const { index, 0: found } of text.matchAll(this.pattern ?? /$^/g)) {
      const begun = this.begun(text, next, index);
      if (begun !== undefined) return begun;
      next = index + found.length;
    }
    return this.begun(text, next, text.length - 1) ?? text.length;
  }

  /** Where, from one place to another, a secret begins that the text does not end. */
  private begun(text: string, first: number, last: number): number | undefined {
    for (let at = Math.max(first, text.length - this.longest + 1); at <= last; at += 1) {
      if (!this.beginnings.has(text[at])) continue;
      const rest = text.slice(at);
      if (this.forms.some((form) => form.length > rest.length && form.startsWith(rest))) return at;
    }
    return undefined;
  }

  /** A copy of plain data without secrets; the same data where there are none to hide. */
  data<T>(value: T): T;
  data(value: unknown): unknown {
    if (this.pattern === undefined) return value;
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.data(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => (structural.has(key) ? [key, item] : [this.text(key), this.data(item)])),
    );
  }
}

/** A text as a pattern that matches just that. */
function literally(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`);
}

/** A secret as it is, and as it comes out of JSON, a URL, or base64. */
function formsOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= shortestLine);
  const texts = [secret, secret.trim(), ...(secret.includes('\n') ? lines : [])];
  return [...texts, ...texts.map(inJson), ...texts.map(encodedForUrl), Buffer.from(secret).toString('base64')].filter(
    (text) => text.length > 2,
  );
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function encodedForUrl(text: string): string {
  // A lone surrogate has no such form.
  return text.isWellFormed() ? encodeURIComponent(text) : text;
}
