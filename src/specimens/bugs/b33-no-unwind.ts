import { defect } from '../specimen.js';

export const noUnwind = defect(
  {
    id: 'bug-b33',
    source: 'hummingbot arbitrage executor (code)',
    wrong: 'replaces the failed leg so many times, then stops and leaves the filled leg open',
    scenario: 'case-a-spot-filled-perp-refused',
  },
  { unwinds: false },
);
