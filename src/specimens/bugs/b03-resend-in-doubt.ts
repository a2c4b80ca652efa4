import { defect } from '../specimen.js';

export const resendInDoubt = defect(
  {
    id: 'bug-b03',
    source: 'prototype of the fault study',
    wrong: 'sends an order again while the first may still arrive, and forgets the first',
    scenario: 'late-arrival',
  },
  { lifetimeMs: { upbit: 3_000, binance: 3_000 }, watchesTheDead: false },
);
