import { defect } from '../specimen.js';

export const positionModeIgnored = defect(
  {
    id: 'bug-b34',
    source: 'hummingbot #4316, #5265',
    wrong: 'never looks at the position mode, so that the short is refused after the spot was bought',
    scenario: 'bugs/hedge-mode',
  },
  { checksPositionMode: false },
);
