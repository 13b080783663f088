type Child = Node | string | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with attributes and children. Text stays text, whatever is in it. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : String(value));
  }
  for (const child of children.flat()) if (child !== undefined && child !== false) element.append(child);
  return element;
}

/** What a button does; returns the button. */
export function onClick<T extends HTMLElement>(element: T, listener: (event: MouseEvent) => void): T {
  element.addEventListener('click', listener);
  return element;
}

/** A part that opens and closes. */
export function fold(title: string | Node, isOpen: boolean, ...children: readonly Child[]): HTMLDetailsElement {
  return h('details', { open: isOpen }, h('summary', {}, title), ...children);
}
