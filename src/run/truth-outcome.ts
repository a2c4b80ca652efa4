import { abs, add, negate, sub, type Btc } from '../core/money.js';
import type { FlowOutcome } from '../journal/journal-event.js';
import type { FlowKind } from '../sim/flow-truth.js';
import type { Simulation } from '../sim/simulation.js';

/** How a flow ended in truth; `naked` is what no honest executor may leave behind without saying so. */
export type TruthOutcome = FlowOutcome | 'naked';

export interface EndedFlow {
  readonly kind: FlowKind;
  readonly quantity: Btc;
  readonly before: { readonly spot: Btc; readonly perp: Btc };
  readonly after: Holding & Pick<Simulation, 'spot' | 'perp'>;
  /** A residual of at least this is naked: one lot of the perpetual. */
  readonly lot: Btc;
  /** Whether anything was executed in it. */
  readonly traded: () => boolean;
}

type Holding = Pick<Simulation, 'residual' | 'unseen'>;

/** Both legs unequal, and not by trades of late that nobody expects: only a later look at the venue can show those. */
export function isNaked(holding: Holding, lot: Btc): boolean {
  const { spot, perp } = holding.unseen(lot);
  return abs(sub(holding.residual(), add(spot, perp))) >= lot;
}

/** Judged by what the venues hold, so that every executor is measured by the same rule. */
export function truthOutcome({ kind, quantity, before, after, lot, traded }: EndedFlow): TruthOutcome {
  if (isNaked(after, lot)) return 'naked';
  const short = negate(sub(after.perp(), after.unseen(lot).perp));
  if (kind === 'exit') return short < lot ? 'flat' : 'hedged';
  // What was even before: a copy on top of it that is taken off meanwhile is nothing that the entry gave up.
  const opened = sub(min2(after.spot(), short), min2(before.spot, negate(before.perp)));
  // An entry for less than a lot opens nothing, which no rounding turns into a hedge.
  if (opened > 0n && add(opened, sub(lot, 1n as Btc)) >= quantity) return 'hedged';
  if (opened >= lot) return 'partially-rolled-back';
  return traded() ? 'rolled-back' : 'aborted';
}

const min2 = (a: Btc, b: Btc): Btc => (a < b ? a : b);
