import type { EpochMs } from '../core/units.js';
import type { FaultSession } from '../faults/fault-session.js';
import type { MarketView } from '../market/market-view.js';

/** What decisions are made on: mids, and the USD/KRW quote as the run's own feed shows it. */
export type DecisionMarket = Pick<MarketView, 'mid' | 'usdKrw'>;

/** The market with the faults of its USD/KRW quote: frozen since a fault began, or off by so much. The truth goes on beside it. */
export function decisionMarket(market: MarketView, faults: FaultSession): DecisionMarket {
  return {
    mid: (venue, at) => market.mid(venue, at),
    usdKrw: (at) => quoteAt(market, faults, at),
  };
}

function quoteAt(market: MarketView, faults: FaultSession, at: EpochMs): number | undefined {
  let asOf = at;
  let factor = 1;
  for (const { action, from } of faults.windows('fx', at)) {
    if (action.kind !== 'fx') continue;
    if (action.frozen && from < asOf) asOf = from;
    factor *= 1 + action.gapBp / 10_000;
  }
  const quote = market.usdKrw(asOf);
  return quote === undefined || factor === 1 ? quote : quote * factor;
}
