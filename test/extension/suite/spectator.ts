import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { patienceMs } from './treadle-api.ts';

/** What the editor calls a test's outcome, by its number. */
const outcomes: readonly string[] = ['', 'queued', 'running', 'passed', 'failed', 'skipped', 'errored'];

/** One test in one run, as the editor keeps it. */
interface TestSnapshot {
  readonly id: string;
  readonly label: string;
  readonly uri?: vscode.Uri;
  readonly range?: vscode.Range;
  readonly taskStates: readonly { readonly state: number; readonly duration?: number; readonly messages: readonly vscode.TestMessage[] }[];
  readonly children: readonly TestSnapshot[];
}

/** What became of a test in the last run that had it. */
export interface SeenOutcome {
  readonly outcome: string;
  readonly uri: vscode.Uri | undefined;
  readonly range: vscode.Range | undefined;
  readonly messages: readonly vscode.TestMessage[];
  /** Labels of what is directly below. */
  readonly children: readonly string[];
}

/** What the test explorer shows, as the editor tells it to extensions that may see it. */
export interface Spectator {
  /** Labels of the items whose ids begin so, sorted. Ids of projects are their files; those of pipelines and steps are their keys. */
  labels(idBegin: string): readonly string[];
  /** Of the item with this id, or of the first below it with this label. */
  outcome(id: string, label?: string): SeenOutcome | undefined;
  until(what: string, holds: () => boolean): Promise<void>;
}

/** The part of the editor's proposed interface `testObserver` that is used here. */
interface TestObservation {
  createTestObserver(): {
    readonly onDidChangeTest: vscode.Event<{ readonly added: readonly vscode.TestItem[]; readonly removed: readonly vscode.TestItem[] }>;
  };
  readonly testResults: readonly { readonly completedAt: number; readonly results: readonly TestSnapshot[] }[];
  readonly onDidChangeTestResults: vscode.Event<void>;
}

let made: Promise<Spectator> | undefined;

/** The one spectator of the window. */
export function spectator(): Promise<Spectator> {
  return (made ??= make());
}

async function make(): Promise<Spectator> {
  const extension = vscode.extensions.getExtension<TestObservation>('treadle.spectator');
  assert.ok(extension, 'the spectator is not there');
  const api = await extension.activate();
  const observer = api.createTestObserver();
  const items = new Set<vscode.TestItem>();
  const waiting = new Set<() => void>();
  const look = (): void => waiting.forEach((one) => one());
  observer.onDidChangeTest(({ added, removed }) => {
    for (const item of added) items.add(item);
    for (const item of removed) items.delete(item);
    look();
  });
  api.onDidChangeTestResults(look);
  // The editor tells of items in any order, and not of where in the tree they are.
  const labels: Spectator['labels'] = (idBegin) =>
    [...items]
      .filter(({ id }) => id.startsWith(idBegin))
      .map(({ label }) => label)
      .toSorted();
  return {
    labels,
    outcome: (id, label) => {
      for (const { results } of api.testResults) {
        const found = results.flatMap((top) => below(top)).find((one) => one.id === id);
        const one = found === undefined || label === undefined ? found : below(found).find((other) => other.label === label);
        const last = one?.taskStates.at(-1);
        if (one === undefined || last === undefined || last.state === 0) continue;
        const { uri, range, children } = one;
        return { outcome: outcomes[last.state] ?? '', uri, range, messages: last.messages, children: children.map((child) => child.label) };
      }
      return undefined;
    },
    until: (what, holds) =>
      new Promise((resolve, reject) => {
        const deadline = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`There was no ${what}. Seen: ${labels('').join(', ')}`));
        }, patienceMs);
        const check = (): void => {
          if (!holds()) return;
          clearTimeout(deadline);
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}

function below(test: TestSnapshot): readonly TestSnapshot[] {
  return [test, ...test.children.flatMap(below)];
}
