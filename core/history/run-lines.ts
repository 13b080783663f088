import type { RunEvent, RunEventType } from '../contract/events.ts';

const types: { readonly [Type in RunEventType]: true } = {
  'run:start': true,
  'group:start': true,
  'step:start': true,
  'step:progress': true,
  'step:output': true,
  'step:test': true,
  'step:diagnostic': true,
  'step:attachment': true,
  'step:warning': true,
  'step:retry': true,
  'step:end': true,
  'group:end': true,
  'run:end': true,
};

/** How our own lines begin. */
const beginning = /^\{"v":1,"seq":\d+,"ts":\d+,"runId":"[^"\\]*","type":"([a-z:]+)"/;

/**
 * The events in the text of a run's file. A line that was torn when its process was killed is passed over, and so are
 * types that a newer version wrote.
 *
 * @param wanted - which types are parsed; the others cost next to nothing. Default: all
 */
export function* eventsIn(text: string, wanted?: ReadonlySet<RunEventType>): Iterable<RunEvent> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end);
    at = end < 0 ? text.length : end + 1;
    const type = wanted === undefined ? undefined : beginning.exec(line)?.[1];
    if (type !== undefined && wanted !== undefined && !hasType(wanted, type)) continue;
    const event = parseEvent(line);
    if (event !== undefined && wanted?.has(event.type) !== false) yield event;
  }
}

function hasType(wanted: ReadonlySet<string>, type: string): boolean {
  return wanted.has(type);
}

function parseEvent(line: string): RunEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isEvent(value) ? value : undefined;
}

/** Whether it has what every event has; the rest was written by us. */
function isEvent(value: unknown): value is RunEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    value.v === 1 &&
    'seq' in value &&
    typeof value.seq === 'number' &&
    'ts' in value &&
    typeof value.ts === 'number' &&
    'runId' in value &&
    typeof value.runId === 'string' &&
    'type' in value &&
    typeof value.type === 'string' &&
    Object.hasOwn(types, value.type)
  );
}
