import type { Locator, Page } from 'playwright-core';
import { until } from './until.ts';

/** A row of a tree as a person, or their screen reader, has it. */
export interface Row {
  readonly label: string;
  readonly description: string;
  /** What a screen reader says. */
  readonly spoken: string;
  /** 1 for the outermost. */
  readonly level: number;
  /** Undefined for a row without children. */
  readonly expanded: boolean | undefined;
}

/** A tree of the sidebar. It shows what fits on the screen: scrolled-off rows are not there. */
export interface Tree {
  rows(): Promise<readonly Row[]>;
  /** The first row of this label that fits, once there is one. */
  reaches(label: string, fits?: (row: Row) => boolean, ms?: number): Promise<Row>;
  /** All rows, once they fit. */
  becomes(what: string, fits: (rows: readonly Row[]) => boolean, ms?: number): Promise<readonly Row[]>;
  /** The row itself, for clicking. */
  row(label: string): Locator;
  expand(label: string): Promise<void>;
  /** Presses one of the buttons that a row shows when the mouse is on it; twice, as a double click does. */
  press(label: string, button: string | RegExp, times?: 1 | 2): Promise<void>;
  /** Waits until what stands above the rows fits. It comes a little later than they do. */
  says(fits: RegExp): Promise<void>;
  /** Names of those buttons. */
  buttons(label: string): Promise<readonly string[]>;
  /** Chooses from the context menu of a row. */
  choose(label: string, item: string): Promise<void>;
  /** Presses a button of the view's title. */
  pressTitle(button: string, times?: 1 | 2): Promise<void>;
  /** Name of the codicon of a row. */
  icon(label: string): Promise<string>;
  /** Rests the mouse on a row, and gives what it says then. */
  hover(label: string): Promise<string>;
  /** Waits until the row that has the keyboard's focus fits, by what a screen reader says of it. */
  focused(fits: (spoken: string) => boolean): Promise<void>;
  /** Moves the focus by one key to a row of this label. */
  moveFocus(key: 'ArrowDown' | 'ArrowUp', label: string): Promise<void>;
  /** Gives the first row the keyboard's focus. */
  focusFirst(): Promise<void>;
  /** Labels of which so little is to be seen that nobody can tell what they are. */
  cutLabels(): Promise<readonly string[]>;
}

/** The sidebar of an extension: opens it by its icon. */
export async function openSidebar(page: Page, title: string): Promise<void> {
  const icon = page.locator('.activitybar').getByRole('tab', { name: title });
  await icon.waitFor({ timeout: 60_000 });
  const heading = page.locator('.sidebar .composite.title').filter({ hasText: title });
  // A window that is opened again opens its sidebar by itself, at any time; to press the icon of an open one closes it.
  const open = async (): Promise<boolean> => {
    if (await heading.isVisible()) return true;
    if ((await icon.getAttribute('aria-selected')) !== 'true') await icon.click();
    return false;
  };
  await until(`sidebar "${title}"`, open, (isOpen) => isOpen);
}

/** The tree of a view that is open in the sidebar. */
export function tree(page: Page, view: string): Tree {
  const pane = page.locator('.sidebar .pane').filter({ has: page.locator(`.pane-header[aria-label^="${view}"]`) });
  const all = pane.locator('[role=treeitem]');
  const row = (label: string): Locator => all.filter({ has: page.locator('.label-name', { hasText: exactly(label) }) }).first();
  const rows = (): Promise<readonly Row[]> =>
    all.evaluateAll((elements) =>
      elements
        .map((element) => ({
          label: element.querySelector('.label-name')?.textContent ?? '',
          description: element.querySelector('.label-description')?.textContent ?? '',
          spoken: element.getAttribute('aria-label') ?? '',
          level: Number(element.getAttribute('aria-level')),
          expanded: element.hasAttribute('aria-expanded') ? element.getAttribute('aria-expanded') === 'true' : undefined,
          top: element.getBoundingClientRect().top,
        }))
        // Rows are recycled: their order in the document is not the one on the screen.
        .sort((a, b) => a.top - b.top)
        .map(({ label, description, spoken, level, expanded }) => ({ label, description, spoken, level, expanded })),
    );
  const becomes: Tree['becomes'] = (what, fits, ms) => until(what, rows, fits, ms);
  const focus = pane.locator('[role=treeitem].focused');
  const spokenFocus = (): Promise<string> => focus.evaluateAll(([element]) => element?.getAttribute('aria-label') ?? '');
  /** Moves the mouse away, so that nothing that it brought up covers a row for long, and the next move is one. */
  const leave = (): Promise<void> => page.mouse.move(900, 500);
  return {
    rows,
    becomes,
    reaches: async (label, fits = () => true, ms) => {
      const isIt = (seen: Row): boolean => seen.label === label && fits(seen);
      const found = (await becomes(`row "${label}" that fits`, (seen) => seen.some(isIt), ms)).find(isIt);
      if (found === undefined) throw new Error(`The row "${label}" was there for a moment only.`);
      return found;
    },
    row,
    expand: async (label) => {
      if ((await row(label).getAttribute('aria-expanded')) !== 'true') await row(label).locator('.monaco-tl-twistie').click();
      await until(
        `expanded row "${label}"`,
        () => row(label).getAttribute('aria-expanded'),
        (value) => value === 'true',
      );
    },
    press: async (label, button, times = 1) => {
      // Rows move when others come, and the mouse is on another one then.
      const attempt = async (): Promise<string> => {
        try {
          await leave();
          await row(label).hover({ timeout: 2000 });
          await row(label).getByRole('button', { name: button }).first().click({ timeout: 2000, clickCount: times });
          return '';
        } catch (error) {
          return String(error);
        }
      };
      await until(`button ${String(button)} of "${label}"`, attempt, (problem) => problem === '');
    },
    buttons: async (label) => {
      await leave();
      await row(label).hover();
      const found = row(label).locator('.actions .action-label');
      return found.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-label') ?? ''));
    },
    says: async (fits) => {
      const message = pane.locator('.tree-explorer-viewlet-tree-view .message');
      const read = async (): Promise<string> => (await message.innerText()).replaceAll('\u00a0', ' ').trim();
      await until(`message that fits ${String(fits)}`, read, (text) => fits.test(text));
    },
    pressTitle: async (button, times = 1) => {
      await pane.hover();
      await pane.locator('.pane-header').getByRole('button', { name: button }).first().click({ clickCount: times });
    },
    icon: async (label) => {
      const classes = await row(label).locator('.custom-view-tree-node-item-icon').getAttribute('class');
      return /codicon-(?!modifier)([\w-]+)/.exec(classes ?? '')?.[1] ?? '';
    },
    hover: async (label) => {
      const shown = page.locator('.workbench-hover', { hasText: label });
      // A row that is drawn anew before it has said anything does not say it until the mouse comes again.
      const attempt = async (): Promise<string> => {
        await leave();
        await page.locator('.workbench-hover').waitFor({ state: 'hidden' });
        await row(label).locator('.label-name').hover();
        return shown.innerText({ timeout: 1500 }).catch(() => '');
      };
      return (await until(`what "${label}" says`, attempt, (text) => text !== '')).replaceAll('\u00a0', ' ');
    },
    focusFirst: async () => {
      const step = async (): Promise<number> => {
        await page.keyboard.press('Home');
        return pane.locator('[role=tree]:focus [role=treeitem].focused').count();
      };
      await until('row with the focus', step, (count) => count === 1);
    },
    focused: async (fits) => {
      await until('row with the focus', spokenFocus, fits);
    },
    moveFocus: async (key, label) => {
      let looks = 0;
      const isThere = (spoken: string): boolean => spoken.startsWith(label);
      const step = async (): Promise<string> => {
        const spoken = await spokenFocus();
        if (isThere(spoken)) return spoken;
        // What else opens while a window starts takes the focus, and the key with it.
        if ((await pane.locator('[role=tree]:focus').count()) === 0) {
          await pane.locator('[role=tree]').focus();
          looks = 0;
        }
        // A key that comes while the rows are drawn anew is lost; one that is only late must not be pressed twice.
        if (looks % 40 === 0) await page.keyboard.press(key);
        looks += 1;
        return spoken;
      };
      await until(`focus on "${label}"`, step, isThere);
    },
    cutLabels: () =>
      all.evaluateAll((elements) =>
        elements.flatMap((element) => {
          const name = element.querySelector('.label-name');
          const box = element.querySelector('.monaco-icon-label');
          const visible = (box?.getBoundingClientRect().right ?? 0) - (name?.getBoundingClientRect().left ?? 0);
          const text = name?.textContent ?? '';
          return visible < Math.min(60, name?.getBoundingClientRect().width ?? 0) ? [`${text}: ${visible}`] : [];
        }),
      ),
    choose: async (label, item) => {
      await row(label).click({ button: 'right' });
      const found = page.locator('.monaco-menu').getByRole('menuitem', { name: item }).first();
      await found.waitFor();
      // A click just after the menu has opened counts as part of the one that opened it.
      const attempt = async (): Promise<boolean> => {
        if (await found.isVisible()) await found.click({ timeout: 2000 }).catch(() => undefined);
        return found.isVisible();
      };
      await until(`choice of "${item}"`, attempt, (isOpen) => !isOpen);
    },
  };
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)}$`);
}
