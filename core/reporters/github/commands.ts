import { randomUUID } from 'node:crypto';

/** A workflow command: a line of the log that GitHub carries out. */
export function command(name: string, properties: Readonly<Record<string, string | number | undefined>>, data: string): string {
  const pairs = Object.entries(properties)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name}${pairs.length === 0 ? '' : ` ${pairs.join(',')}`}::${escapeData(data)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Lines that others wrote, so that GitHub shows them and carries out none of them. */
export function withoutCommands(lines: string): string {
  // Both forms of a command. Text that has neither needs no guard, and reads better without.
  if (!lines.includes('::') && !lines.includes('##[')) return lines;
  // Nobody can know the word that ends this.
  const word = randomUUID();
  return `::stop-commands::${word}\n${lines}${lines.endsWith('\n') ? '' : '\n'}::${word}::\n`;
}
