import { fixed, type Btc } from '../core/money.js';

/**
 * What is known about one leg: an executed quantity and how certain it is, never a status label. A filled market buy
 * on Upbit normally ends `cancel`, a short may end `EXPIRED` part filled.
 */
export interface LegOutcome {
  /** What was asked for over all attempts that were really sent. */
  readonly asked: Btc;
  /** What is known to have executed. */
  readonly executed: Btc;
  /** At least one attempt may still execute more. */
  readonly inDoubt: boolean;
}

export type LegState = 'none' | 'part' | 'full' | 'unknown';

export const NOTHING: LegOutcome = { asked: fixed<Btc>(0n), executed: fixed<Btc>(0n), inDoubt: false };

export function legState(outcome: LegOutcome): LegState {
  if (outcome.inDoubt) return 'unknown';
  if (outcome.executed === 0n) return 'none';
  return outcome.executed < outcome.asked ? 'part' : 'full';
}

/**
 * Names what happened to both legs, for people. Nothing is decided by it: the residual delta and the doubts decide
 * (the specification's table has three rows where sixteen are possible).
 */
export function describeLegs(spot: LegState, perp: LegState): string {
  if (spot === 'unknown' || perp === 'unknown') return `in doubt: spot ${spot}, perp ${perp}`;
  if (spot === 'full' && perp === 'full') return 'both legs filled';
  if (spot === 'none' && perp === 'none') return 'case C: neither leg filled';
  if (perp === 'none') return `case A: spot ${spot}, perp none`;
  if (spot === 'none') return `case B: spot none, perp ${perp}`;
  return `partial: spot ${spot}, perp ${perp}`;
}
