import { defect } from '../specimen.js';

export const hedgeTheRequest = defect(
  {
    id: 'bug-b15',
    source: 'go-trader #1360',
    wrong: 'sizes the second leg by what the first one asked for, not by what it filled',
    scenario: 'bugs/first-leg-partial',
  },
  { hedges: 'requested' },
);
