import { defect } from '../specimen.js';

export const rollBackTheRequest = defect(
  {
    id: 'bug-b16',
    source: 'fault study e.3',
    wrong: 'rolls back the size of the request, not what is left unhedged',
    scenario: 'bugs/second-leg-partial',
  },
  { rollsBack: 'requested' },
);
