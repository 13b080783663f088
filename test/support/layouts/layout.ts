/** A project as it is laid out in public: names of files, scripts and settings, and nothing of what is in them. */
export interface Layout {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** The pipeline file that fits. */
  readonly pipeline: string;
  readonly text: string;
}

export function json(value: unknown, indent: string | number = 2): string {
  return `${JSON.stringify(value, undefined, indent)}\n`;
}
