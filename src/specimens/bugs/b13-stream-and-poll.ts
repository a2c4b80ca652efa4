import { defect } from '../specimen.js';

export const streamAndPoll = defect(
  {
    id: 'bug-b13',
    source: 'nautilus #3493',
    wrong: 'guesses a fill from what the order says when the stream is late, and counts the fill once more when the stream tells of it',
    scenario: 'museum/nautilus-3493',
  },
  { countsFills: 'by the stream' },
);
