import { fixed, type Fixed } from '../core/money.js';
import type { StreamKey } from '../core/random.js';
import { epochMs, type EpochMs, type VenueId } from '../core/units.js';
import type { MarketView } from '../market/market-view.js';
import type { VenueLiquidity } from './liquidity.js';
import type { VenueRules } from './venue-rules.js';
import { MarketHistory, type HistorySource } from './market-history.js';

/** BTC a second where the data has no volumes: about what either market trades on a quiet day (docs/wire.md, assumed). */
const VOLUME_PER_SECOND: Readonly<Record<VenueId, number>> = { upbit: 0.03, binance: 1.5 };
const USDT_PER_SECOND = 1_000;
const NO_BARS: ReturnType<HistorySource['bars']> = [];

interface Parts {
  readonly market: MarketView;
  readonly liquidity: Readonly<Record<VenueId, VenueLiquidity>>;
  now(): EpochMs;
  key(name: string): StreamKey;
  rulesOf(venue: VenueId): VenueRules;
}

/** The past of every market that the venues quote. */
export interface VenueHistories {
  readonly upbit: MarketHistory;
  readonly binance: MarketHistory;
  /** Binance's mark and index. */
  readonly marks: MarketHistory;
  /** KRW-USDT, where the data has it. */
  readonly usdt: MarketHistory;
}

export function venueHistories(parts: Parts): VenueHistories {
  const { market } = parts;
  const now = (): EpochMs => parts.now();
  // The market may know a past from before the run.
  const { from } = market;
  const traded = (venue: VenueId): HistorySource => {
    const liquidity = parts.liquidity[venue];
    return {
      key: parts.key(`history/${venue}`),
      from,
      volumePerSecond: VOLUME_PER_SECOND[venue],
      now,
      mid: (at) => (liquidity.halted(at) ? undefined : liquidity.mid(at)),
      bars: (start, end) => market.bars?.(venue, start, end) ?? NO_BARS,
      isMoved: (at) => liquidity.isMoved(at),
      onTick: (price, towards) => roundedTo(price, parts.rulesOf(venue).tick(price), towards),
    };
  };
  const perp = traded('binance');
  return {
    upbit: new MarketHistory(traded('upbit')),
    binance: new MarketHistory(perp),
    marks: new MarketHistory({ ...perp, mid: (at) => parts.liquidity.binance.mid(at), onTick: (price) => price }),
    usdt: new MarketHistory({
      key: parts.key('history/usdt'),
      from,
      volumePerSecond: USDT_PER_SECOND,
      now,
      mid: (at) => market.usdtKrw(at),
      bars: (start, end) => (market.bars?.('upbit', start, end) ?? NO_BARS).flatMap((bar) => usdtBar(market, bar)),
      isMoved: () => false,
      onTick: (price) => price,
    }),
  };
}

/** The rate is known at the bar's close only, and stays until the next. */
function usdtBar(market: MarketView, { from, to }: { readonly from: EpochMs; readonly to: EpochMs }): ReturnType<HistorySource['bars']> {
  const close = market.usdtKrw(to);
  if (close === undefined) return [];
  const open = market.usdtKrw(epochMs(to - 1)) ?? close;
  return [{ from, to, open, high: Math.max(open, close), low: Math.min(open, close), close, volume: undefined }];
}

function roundedTo(price: Fixed<string>, tick: bigint, towards: 'near' | 'up' | 'down'): Fixed<string> {
  const rest = price % tick;
  if (rest === 0n) return price;
  const up = towards === 'up' || (towards === 'near' && rest * 2n >= tick);
  return fixed(up ? price - rest + tick : price - rest);
}
