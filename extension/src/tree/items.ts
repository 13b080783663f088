import * as vscode from 'vscode';
import type { TestResult } from '../../../core/contract/events.ts';
import { isKillable } from '../store/is-stopping.ts';
import type { NodeRecord, StoreView } from '../store/records.ts';
import { nodeContext } from './context-values.ts';
import { formatDuration } from './durations.ts';
import type { TreeElement } from './elements.ts';
import { nodeIcon, severityIcon, testIcon } from './icons.ts';
import { beginsUnfolded } from './folding.ts';
import type { Icon } from './icons.ts';
import { firstLine, nodeAriaLabel, nodeDescription, nodeName, testWord } from './labels.ts';
import { problemRow, problemWord } from './problems.ts';
import { stoppingHint, stoppingText } from './stopping.ts';
import { timeLeftText } from './time-left.ts';
import { errorMarkdown, nodeTooltip, testTooltip } from './tooltips.ts';

const t = vscode.l10n.t;
const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

export function themeIcon({ id, color }: Icon): vscode.ThemeIcon {
  return new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/**
 * What a click does: the command looks at what is selected. With arguments of its own, the editor would keep them with the row, and lose
 * them when the row is drawn anew just then.
 */
const openRow: vscode.Command = { command: 'treadle.openRow', title: t('Open') };

/** The row of an element, without its tooltip: that is made when somebody asks for it. */
export function treeItem(element: TreeElement, store: StoreView, hasChildren: boolean): vscode.TreeItem {
  const item = makeItem(element, store, hasChildren);
  item.id = element.id;
  return item;
}

function makeItem(element: TreeElement, store: StoreView, hasChildren: boolean): vscode.TreeItem {
  switch (element.kind) {
    case 'project': {
      const project = store.project(element.key);
      // Also while it loads and has no rows yet: the editor remembers by id what was folded when it came.
      const item = new vscode.TreeItem(project?.label ?? element.key, Expanded);
      // What only waits for the person's consent is no error.
      const isBroken = project?.problem !== undefined && !['untrusted', 'no-treadle'].includes(project.problem.kind);
      item.iconPath = isBroken ? themeIcon({ id: 'error', color: 'problemsErrorIcon.foreground' }) : new vscode.ThemeIcon('folder');
      const standing = project?.problem === undefined ? undefined : problemWord(project.problem, t);
      const said = [project?.label, standing ?? (project?.state === 'loading' ? t('loading…') : undefined)];
      item.accessibilityInformation = { label: said.filter((part) => part !== undefined).join(', ') };
      item.contextValue = `project ${project?.state ?? ''} source`;
      item.command = openRow;
      if (project?.state === 'loading') item.description = t('loading…');
      return item;
    }
    case 'problem':
      return problemItem(element.project, element.index, store);
    case 'node': {
      const node = store.node(element.key);
      return node === undefined ? new vscode.TreeItem(element.key) : nodeItem(node, store, hasChildren);
    }
    case 'test': {
      const test = store.node(element.node)?.tests[element.index];
      if (test === undefined) return new vscode.TreeItem('');
      const item = testItem(test);
      item.contextValue = `test${test.location === undefined ? '' : ' source'}${test.error === undefined ? '' : ' error'}`;
      if (test.location !== undefined) item.command = openRow;
      return item;
    }
    case 'diagnostic': {
      const diagnostic = store.node(element.node)?.diagnostics[element.index];
      const item = new vscode.TreeItem(firstLine(diagnostic?.message) ?? '');
      if (diagnostic === undefined) return item;
      const place = `${diagnostic.file}:${diagnostic.line}`;
      item.iconPath = themeIcon(severityIcon(diagnostic.severity));
      item.description = place;
      item.accessibilityInformation = { label: [diagnostic.severity, diagnostic.message, place].join(', ') };
      item.contextValue = 'diagnostic source error';
      item.command = openRow;
      return item;
    }
    case 'more': {
      const item = new vscode.TreeItem(t('and {0} more', element.count));
      item.description = element.of === 'test' ? t('in the Testing view') : t('in the Problems view');
      item.command =
        element.of === 'test'
          ? { command: 'workbench.view.testing.focus', title: t('Show') }
          : { command: 'workbench.actions.view.problems', title: t('Show') };
      return item;
    }
  }
}

/** The row of a test case, as far as every view has the same. */
export function testItem(test: TestResult): vscode.TreeItem {
  const item = new vscode.TreeItem(test.name);
  item.iconPath = themeIcon(testIcon(test.status));
  item.description = [...test.path, formatDuration(test.durationMs)].join(' · ');
  item.accessibilityInformation = { label: [test.name, testWord(test.status, t), ...test.path].join(', ') };
  return item;
}

function nodeItem(node: NodeRecord, store: StoreView, hasChildren: boolean): vscode.TreeItem {
  const project = store.project(node.project);
  const record = project?.pipelines.find(({ name }) => name === node.pipeline);
  const unfolded = record !== undefined && beginsUnfolded(node, record.plan);
  const pipeline = node.kind === 'pipeline' ? record : undefined;
  const item = new vscode.TreeItem(nodeName(node, t), hasChildren ? (unfolded ? Expanded : Collapsed) : None);
  item.iconPath = themeIcon(nodeIcon(node));
  const now = Date.now();
  const run = pipeline === undefined || node.runId === undefined ? undefined : store.run(node.runId);
  const facts = pipeline && {
    watched: pipeline.watched,
    timeLeft: run && timeLeftText(run, store, now, t),
    stopping: stoppingText(run, t),
  };
  item.description = nodeDescription(node, now, t, facts);
  item.accessibilityInformation = { label: nodeAriaLabel(node, t, facts) };
  item.contextValue = nodeContext(node, project, pipeline, isKillable(run, now));
  // With a command, a row is not folded by what selects it: keys select the row that they work on.
  item.command = openRow;
  return item;
}

function problemItem(key: string, index: number, store: StoreView): vscode.TreeItem {
  const project = store.project(key);
  if (project?.problem === undefined) return new vscode.TreeItem('');
  const row = problemRow(project, project.problem, index, t);
  const item = new vscode.TreeItem(row.label);
  item.iconPath = themeIcon(row.icon);
  if (row.description !== undefined) item.description = row.description;
  item.accessibilityInformation = { label: [t('error'), row.label, row.description].filter((part) => part !== undefined).join(', ') };
  item.contextValue = 'problem error source';
  item.command = openRow;
  return item;
}

/** What a row says when somebody points at it. */
export function tooltip(element: TreeElement, store: StoreView): vscode.MarkdownString | undefined {
  const text = tooltipText(element, store);
  return text === undefined ? undefined : new vscode.MarkdownString(text);
}

function tooltipText(element: TreeElement, store: StoreView): string | undefined {
  if (element.kind === 'node') {
    const node = store.node(element.key);
    if (node === undefined) return undefined;
    const run = node.kind === 'pipeline' && node.runId !== undefined ? store.run(node.runId) : undefined;
    return nodeTooltip(node, Date.now(), t, stoppingHint(run, t));
  }
  if (element.kind === 'test') {
    const test = store.node(element.node)?.tests[element.index];
    return test === undefined ? undefined : testTooltip(test, t);
  }
  if (element.kind === 'problem') {
    const problem = store.project(element.project)?.problem;
    const error = problem?.kind === 'config' ? problem.errors[element.index] : undefined;
    return error === undefined ? undefined : errorMarkdown(error, t);
  }
  return undefined;
}
