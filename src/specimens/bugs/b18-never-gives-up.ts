import { defect } from '../specimen.js';

export const neverGivesUp = defect(
  {
    id: 'bug-b18',
    source: 'own (83 virtual minutes)',
    wrong: 'goes on with a repair for ever and never calls a human',
    scenario: 'rollback-order-itself-fails',
  },
  { giveUpMs: Infinity, repairRounds: Infinity },
);
