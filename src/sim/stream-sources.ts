import type { EpochMs } from '../core/units.js';
import type { StreamKey } from '../core/random.js';
import type { VenueWorld } from '../faults/world.js';
import type { MarketView } from '../market/market-view.js';
import type { BinanceOrder } from './binance-order.js';
import type { BinanceVenue } from './binance-venue.js';
import type { ListenKeys } from './listen-keys.js';
import type { VenueLiquidity } from './liquidity.js';
import type { MarketHistory } from './market-history.js';
import type { UpbitOrder } from './upbit-order.js';
import type { UpbitVenue } from './upbit-venue.js';
import type { UuidSource } from './uuid-source.js';
import type { VenueFeed } from './venue-feed.js';
import type { VenueRules } from './venue-rules.js';

/** What the streams of one venue are made of: its book, what happens there, and its accounts as they truly are. */
export interface StreamSource<Order, Venue> {
  readonly venue: Venue;
  readonly world: VenueWorld;
  readonly market: MarketView;
  readonly liquidity: VenueLiquidity;
  readonly history: MarketHistory;
  readonly feed: VenueFeed<Order>;
  readonly uuids: UuidSource;
  /** What the way of each message is drawn from. */
  readonly latencyKey: StreamKey;
  readonly now: () => EpochMs;
  /** Brings the books up to the present, then acts. */
  readonly schedule: (at: EpochMs, act: () => void) => { cancel(): void };
  readonly rules: () => VenueRules;
}

export type UpbitStreamSource = StreamSource<UpbitOrder, UpbitVenue>;
export type BinanceStreamSource = StreamSource<BinanceOrder, BinanceVenue> & { readonly marks: MarketHistory; readonly listenKeys: ListenKeys };

export interface StreamSources {
  readonly upbit: UpbitStreamSource;
  readonly binance: BinanceStreamSource;
}
