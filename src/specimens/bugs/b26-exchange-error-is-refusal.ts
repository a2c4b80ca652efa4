import { ExchangeError } from '../../exchange/ccxt-errors.js';
import { SOUND } from '../small/decisions.js';
import { defect } from '../specimen.js';

export const exchangeErrorIsRefusal = defect(
  {
    id: 'bug-b26',
    source: 'Upbit JSON 500 (ExchangeError in ccxt), Binance -4116',
    wrong: 'takes every ExchangeError for a refusal, also the 500 that hides a live order',
    scenario: 'bugs/upbit-500-order-live',
  },
  { judgeCreate: (venue, error) => (error instanceof ExchangeError ? 'refused' : SOUND.judgeCreate(venue, error)) },
);
