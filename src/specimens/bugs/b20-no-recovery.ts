import { defect } from '../specimen.js';

export const noRecovery = defect(
  {
    id: 'bug-b20',
    source: 'hummingbot #4191, #4215',
    wrong: 'starts anew after a restart and ignores what was on its way',
    scenario: 'crash-between-legs',
  },
  { recovers: false },
);
