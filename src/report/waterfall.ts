import { assert } from '../core/assert.js';
import { toNumber } from '../core/money.js';
import type { RunFacts } from './facts/fact-types.js';
import { attribute, type Attribution } from './facts/attribution.js';
import type { FillCosts } from './facts/fill-costs.js';
import { ledgerPnl } from './facts/ledger-pnl.js';
import { isNotAvailable, type Maybe } from './not-available.js';

/**
 * Profit and loss in KRW, split. Every part is a contribution: positive earned, negative cost. `total` is the
 * ledger's own figure, and the parts add up to it.
 */
export interface Waterfall {
  /** What the matched hedge would have made at the mids of the decisions: the change of the premium, in KRW. */
  readonly premium: number;
  /** What BTC that was not hedged made between flows, at mids, and that no repair ended: residues, a leg left alone. */
  readonly btcLegs: number;
  /** The market moved between a decision and the flow's first fill. */
  readonly delay: number;
  /** The market moved while one leg was on and the other not yet. */
  readonly legging: number;
  /** From mid to the best price, at each fill. */
  readonly spread: number;
  /** From the best price to the price paid: the depth that was used up. */
  readonly impact: number;
  readonly fees: number;
  readonly funding: number;
  /** USD/KRW moved while short proceeds were owed to us: the dollar side of the hedge. */
  readonly fxHedge: number;
  /** USD/KRW moved on the USDT at Binance: collateral, fees and funding. */
  readonly fxCollateral: number;
  /** Everything that bringing a half-filled hedge back cost: both the entry and the unwinding of the excess. */
  readonly rollback: number;
  /** Liquidations and auto-deleveraging: price against mid, fees, and what the insurance fund bore. */
  readonly forced: number;
  readonly total: number;
}

export const WATERFALL_PARTS = [
  'premium',
  'btcLegs',
  'delay',
  'legging',
  'spread',
  'impact',
  'fees',
  'funding',
  'fxHedge',
  'fxCollateral',
  'rollback',
  'forced',
] as const satisfies readonly (keyof Waterfall)[];

/** How far the parts may be from the ledger: floats carry KRW to better than this. */
const TOLERANCE_KRW = 1;

/**
 * Splits the run's profit and loss. Valuation: BTC at the venue's mid, USDT at USD/KRW, both the last ones on
 * the tape; money paid in at the first rate on the tape or the one in force then. Parts come from the fills and
 * their mids, the total from the ledger's postings: two ways to the same figure.
 *
 * @returns not available when the tape never names a USD/KRW rate or a price it needs.
 * @throws InternalError when the two differ by more than 1 KRW.
 */
export function waterfall(facts: RunFacts, attribution: Attribution = attribute(facts)): Maybe<Waterfall> {
  const total = ledgerPnl(facts);
  if (isNotAvailable(total)) return total;
  const { fills, forced, stretches, usdKrwEnd } = attribution;
  const cash = cashFx(facts, usdKrwEnd);
  const sum = (pick: (fill: FillCosts) => number): number => fills.reduce((total, fill) => total + pick(fill), 0);
  // What an unhedged quantity made until its repair outside a flow belongs to that repair.
  const repaired = [...attribution.outsideDrift.values()].reduce((total, drift) => total + drift, 0);
  const split: Waterfall = {
    premium: stretches.reduce((total, stretch) => total + stretch.premium, 0),
    btcLegs: stretches.reduce((total, stretch) => total + stretch.btcLegs, 0) - repaired,
    delay: -sum((fill) => fill.kept.delay + fill.kept.fx),
    legging: -sum((fill) => fill.kept.legging),
    spread: -sum((fill) => fill.kept.spread),
    impact: -sum((fill) => fill.kept.impact),
    fees: -sum((fill) => fill.kept.fees),
    funding: cash.funding,
    fxHedge: sum((fill) => fill.proceedsUsdt * (usdKrwEnd - fill.usdKrw)) + forced.fx,
    fxCollateral: cash.revaluation - sum((fill) => fill.feeUsdt * (usdKrwEnd - fill.usdKrw)),
    rollback: repaired - sum((fill) => fill.rolledBackTotal),
    forced: forced.cost,
    total,
  };
  const added = WATERFALL_PARTS.reduce((sum, part) => sum + split[part], 0);
  assert(Math.abs(added - total) <= TOLERANCE_KRW, `the parts of the profit add up to ${added} KRW, the ledger says ${total} KRW`);
  return split;
}

function cashFx(facts: RunFacts, usdKrwEnd: number): { readonly funding: number; readonly revaluation: number } {
  const rate = (t: number): number => facts.prices.usdKrw.nearest(t) ?? 0;
  let funding = 0;
  let revaluation = 0;
  for (const event of facts.funding) {
    const amount = toNumber(event.amount);
    funding += amount * rate(event.t);
    revaluation += amount * (usdKrwEnd - rate(event.t));
  }
  for (const item of facts.ledger.capital) {
    if (item.asset === 'USDT') revaluation += toNumber(item.amount) * (usdKrwEnd - rate(item.t));
  }
  return { funding, revaluation };
}
