import { isNetworkError, retrying } from '../small/decisions.js';
import { defect } from '../specimen.js';

export const blindRetry = defect(
  {
    id: 'bug-b02',
    source: 'catalyst #317, trading-gpt #94, reya-python-sdk #55, ccxt retry example',
    wrong: 'sends a create that got no answer again at once, under a fresh id',
    scenario: 'lost-reply-after-fill-spot',
  },
  { create: retrying(isNetworkError, 3) },
);
