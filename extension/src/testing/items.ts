import * as vscode from 'vscode';
import type { TestResult } from '../../../core/contract/events.ts';
import type { NodeKey, NodeRecord, ProjectKey, ProjectRecord, StoreView } from '../store/records.ts';
import { firstLine, nodeName, operatorLabel } from '../tree/labels.ts';
import type { CaseId } from './case-ids.ts';
import { editorLocation } from './messages.ts';
import type { TestTarget } from './orders.ts';

const t = vscode.l10n.t;

/** The items of the test explorer. They are changed where the store says something else, and otherwise stay as they are. */
export class TestItems {
  private readonly controller: vscode.TestController;
  private readonly store: StoreView;
  private readonly nodes = new Map<NodeKey, vscode.TestItem>();
  private readonly targets = new WeakMap<vscode.TestItem, TestTarget>();

  constructor(controller: vscode.TestController, store: StoreView) {
    this.controller = controller;
    this.store = store;
    for (const { key } of store.projects) this.syncProject(key);
  }

  node(key: NodeKey): vscode.TestItem | undefined {
    return this.nodes.get(key);
  }

  /** What an item stands for. */
  target(item: vscode.TestItem): TestTarget | undefined {
    return this.targets.get(item);
  }

  /** Brings a project and its pipelines up to date with their plans. */
  syncProject(key: ProjectKey): void {
    const project = this.store.project(key);
    if (project === undefined) {
      this.controller.items.delete(key);
      for (const [node] of this.nodes) if (this.store.node(node) === undefined) this.nodes.delete(node);
      return;
    }
    const { label, configFile, problem, pipelines } = project;
    const item = this.controller.items.get(key) ?? this.controller.createTestItem(key, label, vscode.Uri.file(configFile));
    this.targets.set(item, { kind: 'project', key });
    change(item, { label, error: problem?.kind === 'config' ? t('The pipeline file could not be loaded') : undefined });
    if (this.controller.items.get(key) === undefined) this.controller.items.add(item);
    this.syncNodes(
      item.children,
      pipelines.map(({ node }) => node),
      project,
    );
  }

  /** The item of a test case, which is made where there is none. */
  testCase(step: NodeRecord, project: ProjectRecord, id: CaseId, test: TestResult): vscode.TestItem | undefined {
    let parent = this.nodes.get(step.key);
    if (parent === undefined) return undefined;
    const location = editorLocation(project, test.location);
    for (const [index, suite] of id.suites.entries()) {
      const label = test.path[index] ?? suite;
      parent = this.childOf(parent, suite, label, location?.uri ?? parent.uri, step.key);
    }
    // A test that does not say where it is written is where its step is.
    const range = location?.range ?? this.nodes.get(step.key)?.range;
    const item = this.childOf(parent, id.id, test.name, location?.uri ?? parent.uri, step.key, range);
    change(item, { label: test.name, range });
    return item;
  }

  /** Removes test cases of a step that are not among these any more. */
  keepCases(step: NodeKey, kept: ReadonlySet<vscode.TestItem>): void {
    const prune = (parent: vscode.TestItem): void => {
      for (const [id, child] of [...parent.children]) {
        prune(child);
        if (child.children.size === 0 && !kept.has(child)) parent.children.delete(id);
      }
    };
    const item = this.nodes.get(step);
    if (item !== undefined) prune(item);
  }

  private syncNodes(collection: vscode.TestItemCollection, keys: readonly NodeKey[], project: ProjectRecord): void {
    const wanted = new Set(keys);
    for (const [id] of [...collection]) if (!wanted.has(id)) this.remove(collection, id);
    for (const [index, key] of keys.entries()) {
      const node = this.store.node(key);
      if (node !== undefined) this.syncNode(collection, node, index, project);
    }
  }

  private syncNode(collection: vscode.TestItemCollection, node: NodeRecord, index: number, project: ProjectRecord): void {
    const { key } = node;
    const location = editorLocation(project, node.location);
    const uri = location?.uri ?? vscode.Uri.file(project.configFile);
    const known = collection.get(key);
    const label = nodeName(node, t);
    // An item cannot move to another file.
    const item = known?.uri?.toString() === uri.toString() ? known : this.controller.createTestItem(key, label, uri);
    this.nodes.set(key, item);
    this.targets.set(item, { kind: 'node', key });
    const description = operatorLabel(node, t) ?? firstLine(node.description ?? node.uses);
    change(item, { label, description, sortText: String(index).padStart(6, '0'), range: location?.range });
    // Test cases have no nodes: they stay below their step.
    if (node.kind !== 'step') this.syncNodes(item.children, node.children, project);
    if (item !== known) collection.add(item);
  }

  private remove(collection: vscode.TestItemCollection, key: NodeKey): void {
    collection.delete(key);
    if (this.store.node(key) === undefined) this.nodes.delete(key);
  }

  private childOf(
    parent: vscode.TestItem,
    id: string,
    label: string,
    uri: vscode.Uri | undefined,
    step: NodeKey,
    range?: vscode.Range,
  ): vscode.TestItem {
    const known = parent.children.get(id);
    if (known !== undefined && known.uri?.toString() === uri?.toString()) return known;
    const item = this.controller.createTestItem(id, label, uri);
    // In the order in which they first ran.
    item.sortText = known?.sortText ?? String(parent.children.size).padStart(6, '0');
    // Before it has a parent, this is no message of its own.
    item.range = range;
    this.targets.set(item, { kind: 'case', step });
    if (known !== undefined) item.children.replace([...known.children].map(([, child]) => child));
    parent.children.add(item);
    return item;
  }
}

type ItemChanges = Partial<Pick<vscode.TestItem, 'label' | 'description' | 'sortText' | 'range' | 'error'>>;

/** Each assignment is a message to the window. */
function change(item: vscode.TestItem, changes: ItemChanges): void {
  if (changes.label !== undefined && item.label !== changes.label) item.label = changes.label;
  if ('description' in changes && item.description !== changes.description) item.description = changes.description;
  if (changes.sortText !== undefined && item.sortText !== changes.sortText) item.sortText = changes.sortText;
  if ('error' in changes && item.error !== changes.error) item.error = changes.error;
  if ('range' in changes && !isSameRange(item.range, changes.range)) item.range = changes.range;
}

function isSameRange(a: vscode.Range | undefined, b: vscode.Range | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.isEqual(b);
}
