import { suggest } from '../core/suggest.js';

/** Says of a kind of file that it belongs to the language but is not built yet; undefined for every other word. */
export const notBuiltKind = (kind: string): string | undefined => (kind === 'Exploration' ? '"Exploration" is not built yet' : undefined);

/** A recorded book is a file name where a constant book is a mapping. */
export const RECORDED_BOOK = /\.book$/;

export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const meant = suggest(word, candidates);
  return meant === undefined ? undefined : `did you mean "${meant}"?`;
}
