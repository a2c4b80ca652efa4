import { defect } from '../specimen.js';

export const wallClockDeadline = defect(
  {
    id: 'bug-b39-deadline',
    source: 'fault study e.3 (clock jump)',
    wrong: 'measures its deadlines by the wall clock, so that one which is set back keeps an order resting',
    scenario: 'bugs/clock-set-back',
  },
  { deadlineClock: 'wall' },
);
