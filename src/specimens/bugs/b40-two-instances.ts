import { defect } from '../specimen.js';

export const twoInstances = defect(
  {
    id: 'bug-b40',
    source: 'fault study e.3',
    wrong: 'asks for no lease and goes on without its journal, so that two instances both send',
    scenario: 'bugs/two-instances',
  },
  { honoursLease: false },
);
