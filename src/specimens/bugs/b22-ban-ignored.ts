import { defect } from '../specimen.js';

export const banIgnored = defect(
  {
    id: 'bug-b22',
    source: 'fault study e.3',
    wrong: 'keeps sending while the venue bans it, which lengthens the ban',
    scenario: 'ban-during-rollback',
  },
  { honoursBans: false },
);
