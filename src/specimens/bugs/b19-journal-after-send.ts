import { defect } from '../specimen.js';

export const journalAfterSend = defect(
  {
    id: 'bug-b19',
    source: 'fault study e.3',
    wrong: 'writes the intent once the order was answered, so that a crash in between forgets the order',
    scenario: 'bugs/crash-first-leg-in-flight',
  },
  { intentFirst: false },
);
