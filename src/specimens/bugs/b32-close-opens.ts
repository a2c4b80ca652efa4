import { isNetworkError, retrying } from '../small/decisions.js';
import { defect } from '../specimen.js';

export const closeOpens = defect(
  {
    id: 'bug-b32',
    source: 'hummingbot #6960',
    wrong: 'repeats a close that got no answer without reduce-only, which opens the other side',
    scenario: 'bugs/close-answer-lost',
  },
  { closesReduceOnly: false, create: retrying((error, { purpose }) => purpose === 'close' && isNetworkError(error), 3) },
);
