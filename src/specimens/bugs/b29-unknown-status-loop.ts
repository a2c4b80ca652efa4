import { defect } from '../specimen.js';

export const unknownStatusLoop = defect(
  {
    id: 'bug-b29',
    source: 'Upbit prevented, which ccxt does not map; statuses that venues add',
    wrong: 'reads an order whose status it does not know for ever, since it is neither open nor ended',
    scenario: 'bugs/status-nobody-knows',
  },
  { givesUpOnUnmapped: false },
);
