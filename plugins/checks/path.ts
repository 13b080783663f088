/** A place in the context, read from a path such as `results.items[0]["unit price"]`. */
export type PathKeys = readonly string[];

const part = /(?:^|\.)(?<name>[^.[\]"\s]+)|\[(?<index>\d+)\]|\[(?<quoted>"(?:[^"\\]|\\.)*")\]/y;

/** The keys of a path; `undefined` when it is none. */
export function parsePath(path: string): PathKeys | undefined {
  const keys: string[] = [];
  part.lastIndex = 0;
  while (part.lastIndex < path.length) {
    const groups = part.exec(path)?.groups;
    if (groups === undefined) return undefined;
    const { name, index, quoted } = groups;
    keys.push(name ?? index ?? readQuoted(quoted ?? '""'));
  }
  return keys.length === 0 ? undefined : keys;
}

/** What is found below a value: an own key, an item, the length of a list, or an entry of a Map. */
export function valueAt(start: unknown, keys: PathKeys): { readonly value: unknown } | undefined {
  let value = start;
  for (const key of keys) {
    if (value instanceof Map) {
      if (!value.has(key)) return undefined;
      value = value.get(key);
    } else if (value instanceof Set && key === 'size') value = value.size;
    else if (typeof value === 'string' && key === 'length') value = value.length;
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) value = Reflect.get(value, key);
    else return undefined;
  }
  return { value };
}

function readQuoted(text: string): string {
  const value: unknown = JSON.parse(text);
  return typeof value === 'string' ? value : text;
}
