import { isNetworkError, SOUND } from '../small/decisions.js';
import { defect } from '../specimen.js';

export const timeoutIsRefusal = defect(
  {
    id: 'bug-b01',
    source: 'ccxt #2599, hummingbot #6901',
    wrong: 'takes a time-out of a create for proof that no order was placed',
    scenario: 'lost-reply-after-fill-spot',
  },
  { judgeCreate: (venue, error) => (isNetworkError(error) ? 'refused' : SOUND.judgeCreate(venue, error)) },
);
