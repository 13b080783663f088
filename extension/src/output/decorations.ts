import * as vscode from 'vscode';
import type { AnsiStyle, StyledSpan } from './ansi.ts';

const names = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];

/** Colours the editors that show output, with the colours that the theme has for its terminal. */
export interface OutputDecorations extends vscode.Disposable {
  apply(editor: vscode.TextEditor, spans: readonly StyledSpan[]): void;
}

export function createOutputDecorations(): OutputDecorations {
  const types = new Map<string, vscode.TextEditorDecorationType>();

  function typeOf(key: string, style: AnsiStyle): vscode.TextEditorDecorationType {
    const known = types.get(key);
    if (known !== undefined) return known;
    const made = vscode.window.createTextEditorDecorationType(renderOptions(style));
    types.set(key, made);
    return made;
  }

  return {
    apply(editor, spans) {
      const ranges = new Map<string, { readonly style: AnsiStyle; readonly ranges: vscode.Range[] }>();
      for (const { line, start, end, style } of spans) {
        const key = JSON.stringify(style);
        const group = ranges.get(key) ?? { style, ranges: [] };
        if (group.ranges.length === 0) ranges.set(key, group);
        group.ranges.push(new vscode.Range(line, start, line, end));
      }
      for (const [key, group] of ranges) editor.setDecorations(typeOf(key, group.style), group.ranges);
      for (const [key, type] of types) if (!ranges.has(key)) editor.setDecorations(type, []);
    },
    dispose() {
      for (const type of types.values()) type.dispose();
      types.clear();
    },
  };
}

function renderOptions(style: AnsiStyle): vscode.DecorationRenderOptions {
  // Of a pair that is inverted, the side without a colour of its own has the editor's.
  const foreground = style.inverse === true ? (color(style.background) ?? new vscode.ThemeColor('editor.background')) : ownColor(style);
  const background =
    style.inverse === true ? (color(style.foreground) ?? new vscode.ThemeColor('editor.foreground')) : color(style.background);
  const lines = [style.underline === true && 'underline', style.strikethrough === true && 'line-through'].filter((line) => line !== false);
  return {
    ...(foreground === undefined ? {} : { color: foreground }),
    ...(background === undefined ? {} : { backgroundColor: background }),
    ...(style.bold === true ? { fontWeight: 'bold' } : {}),
    ...(style.italic === true ? { fontStyle: 'italic' } : {}),
    ...(style.dim === true ? { opacity: '0.7' } : {}),
    ...(lines.length === 0 ? {} : { textDecoration: lines.join(' ') }),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  };
}

/** On a colour, black and white must be that: what themes call white is grey in the light ones. */
function ownColor({ foreground, background }: AnsiStyle): vscode.ThemeColor | string | undefined {
  if (background !== undefined && foreground === 0) return '#000000';
  if (background !== undefined && (foreground === 7 || foreground === 15)) return '#ffffff';
  return color(foreground);
}

function color(index: number | undefined): vscode.ThemeColor | undefined {
  if (index === undefined) return undefined;
  return new vscode.ThemeColor(`terminal.ansi${index >= 8 ? 'Bright' : ''}${names[index % 8] ?? 'White'}`);
}
