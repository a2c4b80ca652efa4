import { defect } from '../specimen.js';

export const noLateWatch = defect(
  {
    id: 'bug-b08',
    source: 'own',
    wrong: 'never looks again at an id that it has declared absent',
    scenario: 'late-arrival',
  },
  { watchesTheDead: false },
);
