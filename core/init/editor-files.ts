import { applyEdits, modify, parseTree, findNodeAtLocation, type ParseError } from 'jsonc-parser';
import ignore from 'ignore';

/** The extension, as the marketplace knows it. */
const extensionId = 'treadle.treadle';

/** A .gitignore that leaves out what Treadle keeps; `undefined` when it does so already. */
export function withIgnoredFolder(gitignore: string | undefined): string | undefined {
  const text = gitignore ?? '';
  if (ignore().add(text).ignores('.treadle/')) return undefined;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  return `${text}${text === '' || text.endsWith('\n') ? '' : lineBreak}.treadle/${lineBreak}`;
}

/**
 * A .vscode/extensions.json that recommends the extension, with everything else left as it is, comments too.
 *
 * @returns `undefined` when it recommends it already, or says that it is unwanted; or when it is not JSON.
 */
export function withRecommendation(extensions: string | undefined): string | undefined {
  const text = extensions ?? '';
  if (text.trim() === '') return `${JSON.stringify({ recommendations: [extensionId] }, undefined, 2)}\n`;
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  if (tree?.type !== 'object' || errors.length > 0 || text.toLowerCase().includes(`"${extensionId}"`)) return undefined;
  const list = findNodeAtLocation(tree, ['recommendations']);
  if (list !== undefined && list.type !== 'array') return undefined;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const formattingOptions = { insertSpaces: !/^\t/m.test(text), tabSize: /^ {4}"/m.test(text) ? 4 : 2, eol };
  const edits =
    list === undefined
      ? modify(text, ['recommendations'], [extensionId], { formattingOptions })
      : modify(text, ['recommendations', list.children?.length ?? 0], extensionId, { formattingOptions, isArrayInsertion: true });
  return applyEdits(text, edits);
}
