import { isNetworkError, retrying } from '../small/decisions.js';
import { defect } from '../specimen.js';

export const libraryRetry = defect(
  {
    id: 'bug-b25',
    source: 'ccxt maxRetriesOnFailure',
    wrong: 'lets the library send a create again after a time-out, on Upbit without any identifier',
    scenario: 'lost-reply-after-fill-spot',
  },
  { create: retrying(isNetworkError, 3, () => undefined) },
);
