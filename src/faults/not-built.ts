import { suggest } from '../core/suggest.js';

/** Words of the scenario language that later versions will know, by the place they stand at. */
const LATER_KEYS: readonly { readonly at: RegExp; readonly words: readonly string[] }[] = [];

const LATER_VALUES: readonly { readonly at: RegExp; readonly words: readonly string[] }[] = [{ at: /^kind$/, words: ['Exploration'] }];

/** Says that a key or value belongs to the language but is not built yet; undefined when it is no word of it. */
export function notBuilt(path: readonly PropertyKey[], word: string, as: 'key' | 'value'): string | undefined {
  const place = path.map(String).join('.');
  const row = (as === 'key' ? LATER_KEYS : LATER_VALUES).find(({ at, words }) => at.test(place) && words.includes(word));
  return row === undefined ? undefined : `"${word}" is not built yet`;
}

/** A recorded book is a file name where a constant book is a mapping. */
export const RECORDED_BOOK = /\.book$/;

export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const meant = suggest(word, candidates);
  return meant === undefined ? undefined : `did you mean "${meant}"?`;
}
