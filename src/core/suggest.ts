/**
 * The candidate a user most likely meant by `word`, if any is close: case, `-` and `_` do not count, and
 * about one slip in three letters is forgiven. Of equally close ones the first.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(word);
  const slipsMax = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestSlips = slipsMax + 1;
  for (const candidate of candidates) {
    const slips = slipsBetween(wanted, plain(candidate));
    if (slips < bestSlips) {
      best = candidate;
      bestSlips = slips;
    }
  }
  return best;
}

const plain = (word: string): string => word.toLowerCase().replace(/[-_\s]/g, '');

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  const at = (row: number, column: number): number => table[row * width + column] ?? 0;
  for (let row = 0; row <= a.length; row += 1) {
    for (let column = 0; column <= b.length; column += 1) {
      let slips = row + column;
      if (row > 0 && column > 0) {
        const same = a[row - 1] === b[column - 1];
        slips = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (same ? 0 : 1));
        const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
        if (swapped) slips = Math.min(slips, at(row - 2, column - 2) + 1);
      }
      table[row * width + column] = slips;
    }
  }
  return at(a.length, b.length);
}
