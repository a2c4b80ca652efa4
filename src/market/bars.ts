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
  /**
   * 1 where a gap lies between this row and its predecessor: the z window restarts, nothing is opened. The first
   * row has no predecessor and is 0.
   */
  readonly afterGap: Uint8Array;
  /**
   * 1 where a daily FX value changed from the row before, or its source did: starts no entry for one bar. A live
   * rate moves with every row; there only a change beyond the jump guard counts.
   */
  readonly fxStep: Uint8Array;
  /** Since when each row's FX value has been known, milliseconds UTC (`fx.ts` turns it into an age). */
  readonly fxSince?: Float64Array | undefined;
  /** Change of each row's FX value against the value in force before it, as a fraction; 0 for the first one. */
  readonly fxJump?: Float64Array | undefined;
  /** 1 where the FX value was quoted at the row's own moment (age limit of a live source). */
  readonly fxLive?: Uint8Array | undefined;
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
