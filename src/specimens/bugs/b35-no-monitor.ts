import { defect } from '../specimen.js';

export const noMonitor = defect(
  {
    id: 'bug-b35',
    source: 'hummingbot #3103',
    wrong: 'does not notice that the short was liquidated or deleveraged, and keeps the spot naked',
    scenario: 'monitor-liquidation',
  },
  { monitors: false },
);
