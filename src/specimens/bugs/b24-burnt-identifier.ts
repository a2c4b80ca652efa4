import { defect } from '../specimen.js';

export const burntIdentifier = defect(
  {
    id: 'bug-b24',
    source: 'Upbit documentation of identifier',
    wrong: 'sends a refused order again under the same identifier, which Upbit has burnt',
    scenario: 'bugs/identifier-burnt',
  },
  { freshIdAfterRefusal: false },
);
