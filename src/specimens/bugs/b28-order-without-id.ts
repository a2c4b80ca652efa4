import { defect } from '../specimen.js';

export const orderWithoutId = defect(
  {
    id: 'bug-b28',
    source: 'Upbit empty 200, which ccxt returns as {}',
    wrong: 'takes an order without an id for placed, asks for it by the id that it has not, and believes that there is none',
    scenario: 'bugs/empty-answer',
  },
  { acceptsWithoutId: true },
);
