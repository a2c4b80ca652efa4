import { InvalidNonce } from '../../exchange/ccxt-errors.js';
import { retrying } from '../small/decisions.js';
import { defect } from '../specimen.js';

export const clockLoop = defect(
  {
    id: 'bug-b39',
    source: 'fault study e.3 (-1021)',
    wrong: 'answers a refused timestamp by sending the order again at once, for ever, with the same clock',
    scenario: 'bugs/clock-refused',
  },
  { create: retrying((error) => error instanceof InvalidNonce, Infinity) },
);
