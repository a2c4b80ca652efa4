/**
 * Aligned history in typed columns, one row a bar, ordered by time. `time[i]` is the moment row i could be
 * observed (bar close), so reading rows in order looks ahead at nothing. NaN marks an absent cell.
 */
export interface PremiumBars {
  readonly time: Float64Array;
  readonly upbitKrw: Float64Array;
  readonly binanceUsdt: Float64Array;
  readonly usdKrw: Float64Array;
  /** KRW-USDT on Upbit; all NaN when the data has none. */
  readonly usdtKrw: Float64Array;
  /** upbit / (binance * usdkrw) - 1, as a fraction. */
  readonly premium: Float64Array;
  /** Leg candles aligned to `time`, where they were given. */
  readonly upbitOhlc?: Ohlc | undefined;
  readonly binanceOhlc?: Ohlc | undefined;
  /** 1 where this row does not follow its predecessor by one step: the z window restarts, nothing is opened. */
  readonly afterGap: Uint8Array;
  /** 1 where the FX value changed from the row before: starts no entry for one bar. */
  readonly fxStep: Uint8Array;
  readonly length: number;
  /** Usual distance of two rows in milliseconds; 0 in an irregular series. */
  readonly stepMs: number;
  readonly funding: FundingSeries;
  readonly source: BarsSource;
}

export interface Ohlc {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export interface FundingSeries {
  readonly time: Float64Array;
  readonly rate: Float64Array;
}

/** Where the bars came from and what they can support; printed on the card. */
export interface BarsSource {
  readonly name: string;
  /** SHA-256 of the contents of every file that was read, in reading order. */
  readonly hash: string;
  readonly synthetic: boolean;
  readonly foreignLeg: 'binance-perp' | 'binance-spot' | 'bitstamp' | 'unknown';
  /** The perpetual's mid is the foreign price times (1 + this); -0.0004 for Binance spot. */
  readonly perpBasis: number;
  readonly fxKind: 'daily' | 'live' | 'unknown';
  readonly notes: readonly string[];
}
