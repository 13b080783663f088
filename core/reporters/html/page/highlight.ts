const most = 2000;

/** Marks words in what an element shows, where the browser can do it without changing the page. */
export function highlight(element: Element, words: readonly string[]): void {
  if (typeof Highlight !== 'function' || !('highlights' in CSS)) return;
  CSS.highlights.delete('search');
  if (words.length === 0) return;
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null && ranges.length < most; node = walker.nextNode()) {
    const text = (node.textContent ?? '').toLowerCase();
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0 && ranges.length < most; at = text.indexOf(word, at + word.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set('search', new Highlight(...ranges));
}
