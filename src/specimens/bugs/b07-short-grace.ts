import { defect } from '../specimen.js';

export const shortGrace = defect(
  {
    id: 'bug-b07',
    source: 'nautilus default (about 5 s, then rejected)',
    wrong: 'declares an order absent after 5 s, sooner than the venue shows it',
    scenario: 'bugs/slow-to-show',
  },
  { lifetimeMs: { upbit: 5_000, binance: 5_000 } },
);
