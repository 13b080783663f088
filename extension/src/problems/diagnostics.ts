import * as vscode from 'vscode';
import type { NodeKey, ProjectKey, StoreChange, StoreView } from '../store/records.ts';
import { createRefreshScheduler, systemClock } from '../tree/refresh.ts';
import type { WorkspaceModel } from '../workspace-model.ts';
import { ByOwner } from './by-owner.ts';
import { type Finding, findingsOfProject, findingsOfStep } from './findings.ts';

const severities = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
} as const satisfies Record<Finding['severity'], vscode.DiagnosticSeverity>;

/** Shows what steps find, and what is wrong with pipeline files, in the editor's Problems view: what each of them said last. */
export function registerProblems({ store }: WorkspaceModel): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('treadle');
  const found = new ByOwner<Finding>();
  const projects = new Set<ProjectKey>();

  const put = (owner: string, findings: readonly Finding[]): void => {
    for (const file of found.set(owner, findings)) collection.set(vscode.Uri.file(file), found.at(file).map(toDiagnostic));
  };
  const update = (keys: ReadonlySet<string> | undefined): void => {
    for (const key of keys ?? [...projects, ...found.owners]) {
      if (projects.has(key)) putProject(key);
      else putNode(key);
    }
  };
  const putProject = (key: ProjectKey): void => {
    const project = store.project(key);
    if (project === undefined) projects.delete(key);
    put(key, project === undefined ? [] : findingsOfProject(project));
    // Steps that the pipeline no longer has.
    for (const owner of found.owners) if (!projects.has(owner) && store.node(owner) === undefined) put(owner, []);
  };
  const putNode = (key: NodeKey): void => {
    const node = store.node(key);
    const project = node === undefined ? undefined : store.project(node.project);
    if (node === undefined || project === undefined) return put(key, []);
    const findings = node.kind === 'step' ? findingsOfStep(project, node) : undefined;
    if (findings !== undefined) put(key, findings);
  };
  const scheduler = createRefreshScheduler<string>(systemClock, update);
  const note = ({ structure, nodes }: Pick<StoreChange, 'structure' | 'nodes'>): void => {
    for (const key of structure) projects.add(key);
    scheduler.mark([...structure, ...nodes]);
  };
  const subscription = store.onDidChange(note);
  note({ structure: new Set(store.projects.map(({ key }) => key)), nodes: allNodes(store) });

  return {
    dispose() {
      subscription.dispose();
      scheduler.dispose();
      collection.dispose();
    },
  };
}

function allNodes(store: StoreView): ReadonlySet<NodeKey> {
  const keys = new Set<NodeKey>();
  const visit = (key: NodeKey): void => {
    keys.add(key);
    store.node(key)?.children.forEach(visit);
  };
  for (const { pipelines } of store.projects) for (const { node } of pipelines) visit(node);
  return keys;
}

function toDiagnostic({ line, column, endLine, endColumn, severity, message, source, code }: Finding): vscode.Diagnostic {
  const start = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  // Without an end, the editor marks the word.
  const end =
    endLine === undefined && endColumn === undefined
      ? start
      : new vscode.Position((endLine ?? line) - 1, Math.max(0, (endColumn ?? column) - 1));
  const diagnostic = new vscode.Diagnostic(new vscode.Range(start, end), message, severities[severity]);
  diagnostic.source = source;
  if (code !== undefined) diagnostic.code = code;
  return diagnostic;
}
