import type { FaultSession } from './fault-session.js';

/** A run without faults: what a backtest uses unless a scenario was given. */
export const NO_FAULTS: FaultSession = {
  start: () => undefined,
  judge: () => [],
  windows: () => [],
  hit: () => undefined,
  observe: () => undefined,
  step: () => undefined,
  tally: () => [],
};
