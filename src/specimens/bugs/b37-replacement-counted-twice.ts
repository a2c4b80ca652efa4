import { defect } from '../specimen.js';

export const replacementCountedTwice = defect(
  {
    id: 'bug-b37',
    source: 'HedgeLab #148',
    wrong: 'counts what the first order filled again as part of its replacement',
    scenario: 'bugs/replaced-after-partial',
  },
  { countsReplacement: 'cumulative' },
);
