/** Looks up a text in the editor's language; `{0}` and so on are replaced. It is `vscode.l10n.t`, for files that do not import the editor. */
export type Translate = (text: string, ...values: readonly (string | number)[]) => string;
