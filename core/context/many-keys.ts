/** What {@link manyKeys} has to know of the keys that are not there yet. */
export interface LateKeys {
  has(key: string): boolean;
  /** Defines a key on the target, if there is one of that name. */
  define(key: string): void;
}

/**
 * A Proxy of an object whose keys are put in place one by one, as they are touched; asking for all of them, as
 * `Object.keys` and spread do, puts all in place, in order. Everything else is left to the target, so that it behaves
 * as a plain object in every respect that a Proxy can.
 */
export function manyKeys<T extends object>(
  target: T,
  all: () => ReadonlyMap<string, unknown>,
  late: LateKeys,
): { readonly proxy: T; readonly settled: ReadonlySet<string> } {
  const settled = new Set<string>();
  const deleted = new Set<string>();
  let complete = false;
  const settle = (key: string | symbol): void => {
    if (complete || typeof key === 'symbol' || settled.has(key) || !late.has(key)) return;
    settled.add(key);
    late.define(key);
  };
  const settleAll = (): void => {
    if (complete) return;
    const before = Object.getOwnPropertyDescriptors(target);
    // Those that are there already are taken out and put back, each in its place.
    for (const key of Object.keys(before)) Reflect.deleteProperty(target, key);
    for (const key of all().keys()) {
      // A key that was deleted and set again comes last.
      const descriptor = Object.hasOwn(before, key) && !deleted.has(key) ? before[key] : undefined;
      if (descriptor !== undefined) Object.defineProperty(target, key, descriptor);
      else settle(key);
    }
    for (const key of Object.keys(before)) {
      const descriptor = before[key];
      if (descriptor !== undefined && !Object.hasOwn(target, key)) Object.defineProperty(target, key, descriptor);
    }
    complete = true;
  };
  const remove = (key: string | symbol): boolean => {
    settle(key);
    if (typeof key === 'string') deleted.add(key);
    return Reflect.deleteProperty(target, key);
  };
  const proxy = new Proxy(target, {
    get: (_, key, receiver) => (settle(key), Reflect.get(target, key, receiver)),
    set: (_, key, value, receiver) => (settle(key), Reflect.set(target, key, value, receiver)),
    has: (_, key) => (settle(key), Reflect.has(target, key)),
    getOwnPropertyDescriptor: (_, key) => (settle(key), Reflect.getOwnPropertyDescriptor(target, key)),
    defineProperty: (_, key, descriptor) => (settle(key), Reflect.defineProperty(target, key, descriptor)),
    deleteProperty: (_, key) => remove(key),
    ownKeys: () => (settleAll(), Reflect.ownKeys(target)),
    preventExtensions: () => (settleAll(), Reflect.preventExtensions(target)),
  });
  return { proxy, settled };
}
