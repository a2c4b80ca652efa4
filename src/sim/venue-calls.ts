import type { EpochMs, VenueId } from '../core/units.js';
import type { MarketView } from '../market/market-view.js';
import { BinanceCalls } from './binance-calls.js';
import type { BinanceVenue } from './binance-venue.js';
import type { VenueLiquidity } from './liquidity.js';
import { UpbitCalls } from './upbit-calls.js';
import { UPBIT_MARKET } from './upbit-order.js';
import { USDT_MARKET } from './upbit-quotation-bodies.js';
import type { UpbitVenue } from './upbit-venue.js';
import type { VenueHistories } from './venue-histories.js';
import type { VenueRules } from './venue-rules.js';

/** Every request that either venue is emulated for. */
export interface VenueCalls {
  readonly upbit: UpbitCalls;
  readonly binance: BinanceCalls;
}

interface Parts {
  readonly market: MarketView;
  readonly histories: VenueHistories;
  readonly venues: { readonly upbit: UpbitVenue; readonly binance: BinanceVenue };
  /** Binance's book. */
  readonly liquidity: VenueLiquidity;
  now(): EpochMs;
  rulesOf(venue: VenueId): VenueRules;
}

export function venueCalls({ market, histories, venues, liquidity, ...run }: Parts): VenueCalls {
  const now = (): EpochMs => run.now();
  const quoted = (name: string): VenueHistories['upbit'] | undefined => {
    if (name === UPBIT_MARKET) return histories.upbit;
    return name === USDT_MARKET && market.usdtKrw(now()) !== undefined ? histories.usdt : undefined;
  };
  return {
    upbit: new UpbitCalls(venues.upbit, { now, history: quoted }),
    binance: new BinanceCalls(venues.binance, {
      market,
      liquidity,
      history: histories.binance,
      marks: histories.marks,
      now,
      rules: () => run.rulesOf('binance'),
    }),
  };
}
