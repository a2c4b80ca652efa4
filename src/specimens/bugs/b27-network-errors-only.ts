import { isNetworkError, SOUND } from '../small/decisions.js';
import { defect } from '../specimen.js';

export const networkErrorsOnly = defect(
  {
    id: 'bug-b27',
    source: 'Binance -1006 (OperationFailed in ccxt)',
    wrong: 'handles NetworkError only; a status that is unknown leaves the flow as an exception',
    scenario: 'bugs/status-unknown-order-dead',
  },
  { judgeCreate: (venue, error) => (isNetworkError(error) ? 'unknown' : SOUND.judgeCreate(venue, error) === 'refused' ? 'refused' : 'raise') },
);
