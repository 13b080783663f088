import * as vscode from 'vscode';
import type { TestResult } from '../../../core/contract/events.ts';
import { isKillable } from '../store/is-stopping.ts';
import type { StoreView } from '../store/records.ts';
import { runIcon, spanIcon } from '../tree/icons.ts';
import { testItem, themeIcon } from '../tree/items.ts';
import { stateWord } from '../tree/labels.ts';
import { stoppingHint } from '../tree/stopping.ts';
import { timeLeftText } from '../tree/time-left.ts';
import { testTooltip } from '../tree/tooltips.ts';
import {
  isKept,
  keptRunDescription,
  runAriaLabel,
  runDescription,
  spanDescription,
  spanTooltip,
  stepsOfRun,
  triggerText,
} from './labels.ts';

const t = vscode.l10n.t;
const { None, Collapsed } = vscode.TreeItemCollapsibleState;

/** What the Runs view has rows for. */
export type RunElement =
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'run-step'; readonly runId: string; readonly step: string }
  | { readonly kind: 'run-test'; readonly runId: string; readonly step: string; readonly index: number; readonly test: TestResult }
  /** Stands for test cases beyond those that are listed. */
  | { readonly kind: 'run-more'; readonly runId: string; readonly step: string; readonly count: number };

// Without arguments, as in the Pipelines view.
const openRow: vscode.Command = { command: 'treadle.openRunRow', title: t('Open') };

/** The row of an element. */
export function runItem(element: RunElement, store: StoreView): vscode.TreeItem {
  switch (element.kind) {
    case 'run':
      return itemOfRun(element.runId, store);
    case 'run-step':
      return itemOfStep(element.runId, element.step, store);
    case 'run-test': {
      const item = testItem(element.test);
      item.id = `${element.runId} ${element.step} ${element.index}`;
      item.tooltip = new vscode.MarkdownString(testTooltip(element.test, t));
      item.contextValue = `run-test${element.test.location === undefined ? '' : ' source'}${element.test.error === undefined ? '' : ' error'}`;
      item.command = openRow;
      return item;
    }
    case 'run-more': {
      const item = new vscode.TreeItem(t('and {0} more', element.count));
      item.id = `${element.runId} ${element.step} more`;
      return item;
    }
  }
}

function itemOfRun(runId: string, store: StoreView): vscode.TreeItem {
  const run = store.anyRun(runId);
  if (run === undefined) return new vscode.TreeItem('');
  const now = Date.now();
  const kept = isKept(run);
  const item = new vscode.TreeItem(run.pipeline, Collapsed);
  item.id = runId;
  item.iconPath = themeIcon(runIcon(run.state));
  item.description = kept ? keptRunDescription(run, now, t) : runDescription(run, now, t, timeLeftText(run, store, now, t));
  item.tooltip = [
    new Date(run.startedAt).toLocaleString(),
    `${run.pipeline}: ${stateWord(run.state, t)}`,
    item.description,
    triggerText(run, t),
    kept ? undefined : stoppingHint(run, t),
    kept ? t('Of the command line, or of another window: kept in .treadle/runs') : undefined,
  ]
    .filter((line) => line !== undefined)
    .join('\n');
  item.accessibilityInformation = { label: runAriaLabel(run, now, t) };
  item.command = openRow;
  item.contextValue = `run ${standingOf(runId, store)}${!kept && isKillable(run, now) ? ' killable' : ''}`;
  return item;
}

function itemOfStep(runId: string, step: string, store: StoreView): vscode.TreeItem {
  const run = store.anyRun(runId);
  const span = run && stepsOfRun(run).find(({ nodeId }) => nodeId === step);
  const item = new vscode.TreeItem(step);
  item.id = `${runId} ${step}`;
  if (span === undefined) return item;
  item.collapsibleState = span.tests === undefined || span.state === 'running' ? None : Collapsed;
  item.iconPath = themeIcon(spanIcon(span));
  item.description = spanDescription(span, Date.now(), t);
  item.tooltip = new vscode.MarkdownString(spanTooltip(span, item.description, t));
  item.accessibilityInformation = { label: [step, stateWord(span.state, t), item.description].join(', ') };
  item.contextValue = `run-step output ${standingOf(runId, store)}`;
  item.command = openRow;
  return item;
}

function standingOf(runId: string, store: StoreView): string {
  const run = store.anyRun(runId);
  return run !== undefined && isKept(run) ? 'kept' : run?.state === 'running' ? 'running' : 'ended';
}
