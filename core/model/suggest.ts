/**
 * The candidate that a misspelt word most likely stands for; `undefined` when none is near enough to be worth saying.
 *
 * @example
 * suggest('lnt', ['lint', 'types']); // 'lint'
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.trim().toLowerCase();
  if (wanted === '') return undefined;
  let best: string | undefined;
  let bestScore = Infinity;
  for (const candidate of candidates) {
    const score = unlikeness(wanted, candidate.toLowerCase());
    if (score < bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

/** 0 for the same word, more for a worse match, `Infinity` for none. */
function unlikeness(wanted: string, candidate: string): number {
  if (candidate === '') return Infinity;
  const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
  // Words that begin alike are near however different their ends: "retry" means "retries", "desc" "description".
  const shorter = Math.min(wanted.length, candidate.length);
  const isAkin = shorter >= 3 && commonPrefix(wanted, candidate) >= shorter * 0.75;
  const distance = Math.abs(wanted.length - candidate.length) <= allowed ? editDistance(wanted, candidate) : Infinity;
  // One letter for another in a word of two is another word.
  if (distance <= allowed && distance < wanted.length) return distance;
  return isAkin ? allowed + Math.abs(wanted.length - candidate.length) : Infinity;
}

function commonPrefix(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? 0;
}
