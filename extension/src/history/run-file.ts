import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent, RunEventType } from '../../../core/contract/events.ts';
import { isBelow } from '../project-path.ts';

/** Where a project keeps its runs. */
export function runFolder(root: string): string {
  return join(root, '.treadle', 'runs');
}

/** The file of a run without symbolic links, or `undefined` where it is gone, or none of the project's: an engine may say anything. */
export async function ownRunFile(root: string, file: string): Promise<string | undefined> {
  try {
    const [folder, found] = await Promise.all([realpath(runFolder(root)), realpath(file)]);
    return found.endsWith('.ndjson') && isBelow(folder, found) && (await stat(found)).isFile() ? found : undefined;
  } catch {
    return undefined;
  }
}

/** How the engine's lines begin. */
const beginning = /^\{"v":1,"seq":\d+,"ts":\d+,"runId":"[^"\\]*","type":"([a-z:]+)"/;

/**
 * The events of some types in the file of a run. Lines that are torn, or of a newer version, are passed over.
 *
 * @param isWanted - of the events of these types, by the text of their line: those that are not cost next to nothing
 */
export async function* readEvents<Type extends RunEventType>(
  file: string,
  types: readonly Type[],
  isWanted: (line: string) => boolean = () => true,
): AsyncGenerator<Extract<RunEvent, { readonly type: Type }>, void> {
  const wanted = new Set<string>(types);
  for await (const line of linesOf(file)) {
    const type = beginning.exec(line)?.[1];
    if (type === undefined || !wanted.has(type) || !isWanted(line)) continue;
    const event = parse(line);
    if (event !== undefined && hasType(event, types)) yield event;
  }
}

/** Only at line feeds: other characters that end a line may stand in what a step wrote. */
async function* linesOf(file: string): AsyncGenerator<string, void> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function hasType<Type extends RunEventType>(event: RunEvent, types: readonly Type[]): event is Extract<RunEvent, { readonly type: Type }> {
  return types.some((type) => type === event.type);
}

function parse(line: string): RunEvent | undefined {
  try {
    // The beginning of the line has said what it is, and engines write nothing else there.
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined;
  }
}
