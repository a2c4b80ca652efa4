import { defect } from '../specimen.js';

export const oneDenialIsAbsence = defect(
  {
    id: 'bug-b05',
    source: 'ccxt #6615, hitbtc-api #144',
    wrong: 'takes the first "not found" for absence',
    scenario: 'lost-reply-after-fill-spot',
  },
  { lifetimeMs: { upbit: 0, binance: 0 }, denials: 1 },
);
