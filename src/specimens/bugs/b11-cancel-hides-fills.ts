import { defect } from '../specimen.js';

export const cancelHidesFills = defect(
  {
    id: 'bug-b11',
    source: 'FIX 4.4 appendix D, B.1.b and B.1.c',
    wrong: 'believes what it knew before a cancel, and loses the fills that crossed it',
    scenario: 'partial-then-timeouts',
  },
  { readsAfterCancel: false },
);
