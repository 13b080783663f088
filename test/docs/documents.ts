import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const repository = resolve(import.meta.dirname, '../..');

/** A fenced block of a document. */
export interface CodeBlock {
  /** Such as `ts`, `json`, `sh`. */
  readonly language: string;
  /** What follows the language: the file that the block is, or `fails` for commands that exit with something else than 0. */
  readonly note: string;
  readonly text: string;
  readonly line: number;
}

/** A part of a document, from one `##` heading to the next: its files make up one project. */
export interface Section {
  readonly title: string;
  readonly blocks: readonly CodeBlock[];
}

export interface Document {
  /** Relative to the repository. */
  readonly file: string;
  readonly text: string;
  readonly sections: readonly Section[];
}

/** All documents that people read. */
export function documents(): readonly Document[] {
  const inRoot = readdirSync(repository).filter((name) => name.endsWith('.md'));
  const inDocs = readdirSync(join(repository, 'docs')).filter((name) => name.endsWith('.md'));
  return [...inRoot, ...inDocs.map((name) => `docs/${name}`)].map((file) => {
    const text = readFileSync(join(repository, file), 'utf8');
    return { file, text, sections: sectionsOf(text) };
  });
}

function sectionsOf(text: string): readonly Section[] {
  const sections: { title: string; blocks: CodeBlock[] }[] = [{ title: '(beginning)', blocks: [] }];
  let open: { language: string; note: string; lines: string[]; line: number } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (open !== undefined) {
      if (line.startsWith('```')) {
        sections.at(-1)?.blocks.push({ language: open.language, note: open.note, text: `${open.lines.join('\n')}\n`, line: open.line });
        open = undefined;
      } else open.lines.push(line);
    } else if (line.startsWith('```')) {
      const [language = '', ...note] = line.slice(3).trim().split(' ');
      open = { language, note: note.join(' '), lines: [], line: index + 1 };
    } else if (line.startsWith('## ')) sections.push({ title: line.slice(3), blocks: [] });
  }
  return sections;
}
