/** What the page needs from the editor. */
export interface PageParts {
  readonly csp: string;
  readonly nonce: string;
  readonly script: string;
  readonly style: string;
  readonly language: string;
}

/** The page of a timeline: nothing in it may be loaded but its own script and style sheet. */
export function timelinePage({ csp, nonce, script, style, language }: PageParts): string {
  return `<!DOCTYPE html>
<html lang="${escape(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${escape(csp)}; script-src 'nonce-${escape(nonce)}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escape(style)}">
</head>
<body>
<header id="head"><h1 id="title"></h1><span id="state"></span><span class="buttons"><button id="out" type="button">−</button><button id="in" type="button">+</button><button id="fit" type="button"></button></span></header>
<main id="scroll" tabindex="-1"><div id="canvas"><div id="axis" aria-hidden="true"></div><div id="lanes"></div><div id="bars" role="list"></div></div></main>
<footer id="foot"><span id="detail" aria-live="polite"></span></footer>
<script nonce="${escape(nonce)}" src="${escape(script)}"></script>
</body>
</html>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
