import type { CiSystem } from './ci-system.ts';
import { command, withoutCommands } from './github/commands.ts';

/** A part of a log that can be folded away. */
export interface Fold {
  /** Counts the folds of a log. */
  readonly number: number;
  readonly id: string;
  /** One line. */
  readonly title: string;
  /** Lines, with a line break at the end. */
  readonly body: string;
  /** Whether it should be open at first, where the log allows that. */
  readonly open: boolean;
  /** Unix times in milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** How a CI system folds its log, and what it must not be told by text that others wrote. */
export interface Folding {
  fold(fold: Fold): string;
  /** Lines that others wrote, so that none of them is carried out. */
  guard(lines: string): string;
  /** Whether what failed can be left open. */
  readonly opens: boolean;
}

const github: Folding = {
  fold: ({ title, body }) => `${command('group', {}, title)}${withoutCommands(body)}${command('endgroup', {}, '')}`,
  guard: withoutCommands,
  opens: false,
};

const gitlab: Folding = {
  fold: ({ number, id, title, body, open, startedAt, endedAt }) => {
    const name = `treadle_${number}_${id.replaceAll(/[^\w.-]/g, '_').slice(0, 60)}`;
    const mark = (what: 'start' | 'end', ts: number, options = ''): string =>
      `\u001B[0Ksection_${what}:${Math.floor(ts / 1000)}:${name}${options}\r\u001B[0K`;
    return `${mark('start', startedAt, open ? '' : '[collapsed=true]')}${title}\n${body}${mark('end', endedAt)}\n`;
  },
  // Marks need control characters, and no text of a step has any.
  guard: (lines) => lines,
  opens: true,
};

const azure: Folding = {
  fold: ({ title, body }) => `##[group]${azure.guard(title)}\n${azure.guard(body)}##[endgroup]\n`,
  // Azure looks for them anywhere in a line.
  guard: (lines) => lines.replaceAll('##vso[', '## vso[').replaceAll('##[', '## ['),
  opens: false,
};

const teamcity: Folding = {
  fold: ({ title, body }) => {
    const name = escapeServiceMessage(title);
    return `##teamcity[blockOpened name='${name}']\n${teamcity.guard(body)}##teamcity[blockClosed name='${name}']\n`;
  },
  guard: (lines) => lines.replaceAll('##teamcity[', '## teamcity['),
  opens: false,
};

function escapeServiceMessage(text: string): string {
  return text
    .replaceAll(/[|'[\]]/g, (character) => `|${character}`)
    .replaceAll('\n', '|n')
    .replaceAll('\r', '|r')
    .replaceAll(/[^\u0000-\u007F]/g, (character) => `|0x${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const foldings: { readonly [System in CiSystem]: Folding } = { github, gitlab, azure, teamcity };

/** How a CI system folds its log; undefined where nothing can be folded. */
export function foldingOf(system: CiSystem | undefined): Folding | undefined {
  return system === undefined ? undefined : foldings[system];
}
