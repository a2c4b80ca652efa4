import { fixedFromNumber, toNumber, type Btc } from '../../core/money.js';
import { defect } from '../specimen.js';

const STEP = 0.001;

export const floatAmounts = defect(
  {
    id: 'bug-b44',
    source: 'fault study e.3',
    wrong: 'computes amounts in floating point and loses a lot to rounding',
    scenario: 'bugs/odd-partial',
  },
  { wholeLots: (amount) => fixedFromNumber<Btc>(Number((Math.floor(toNumber(amount) / STEP) * STEP).toFixed(3))) },
);
