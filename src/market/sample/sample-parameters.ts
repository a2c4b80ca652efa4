/** Basis points as a fraction. */
export const BP = 1e-4;
export const MINUTE_MS = 60_000;
export const DAY_MINUTES = 1_440;

/** Monday 2025-03-03 00:00 UTC. */
export const SAMPLE_START_MS = Date.UTC(2025, 2, 3);
export const SAMPLE_MINUTES = 30 * DAY_MINUTES;

/**
 * What the sample is calibrated on. Where no other source is named, the figure is from `../shared/data/README.md`
 * (real minutes of 2025-09) or was measured on the same files.
 */
export const TARGET = {
  /** Of the 5-minute perpetual series, percent. */
  premiumMean: 0.314,
  premiumSd: 0.484,
  /** Outside FX steps; excess kurtosis. */
  minuteChangeSdBp: 3.4,
  minuteChangeKurtosis: 8,
  minuteChangeAutocorrelation: -0.26,
  /** Upbit's minute return with the foreign one 0, 1, 2 minutes before and 1 minute after. */
  leadLag: [0.52, 0.2, 0.07, -0.02],
  fxStepMeanPercent: 0.3,
  fundingMeanPercent: 0.0117,
  fundingNegativeShare: 0.17,
  basisMeanBp: -4.2,
  basisSdBp: 1.3,
  upbitVolume: [0.05, 0.47, 3.2],
  perpVolume5mMedian: 218,
  usdtPremiumCorrelation: 0.998,
  premiumVsUsdtSdPercent: 0.08,
} as const;

/** Shares of a world return that Upbit follows in the minute itself and in the next three (from the correlations above). */
export const FOLLOW = [0.435, 0.172, 0.06, 0.03] as const;

export const MODEL = {
  /** World return of an ordinary minute. */
  worldSdBp: 3.68,
  /** Premium that reverts within hours (venues.md 3.3: 1 to 2 h). */
  transientHalfLifeMin: 90,
  transientSdBp: 9.5,
  /** Premium that moves for days. */
  slowHalfLifeMin: 43 * 60,
  slowSdBp: 30,
  /** Trades of the two venues are not simultaneous, and they bounce. */
  bounceSdBp: 1.5,
  basisHalfLifeMin: 180,
  usdtNoiseSdBp: 7,
  usdtNoiseHalfLifeMin: 40,
  /** How much of the transient the price of a tether takes part in. */
  usdtTransientShare: 0.9,
  /** Log volatility: a part of hours and a part of days. */
  volatilityHours: { halfLifeMin: 120, sd: 0.38 },
  volatilityDays: { halfLifeMin: 2 * DAY_MINUTES, sd: 0.25 },
  /** A minute in 250 moves four times as far. */
  burst: { probability: 0.004, factor: 4 },
  startPriceUsdt: 88_000,
  startUsdKrw: 1_458,
} as const;

/** Two regimes: the level of the premium in bp and the factor on all volatility. */
export const REGIMES = [
  { name: 'calm', fromDay: 0, levelBp: -25, volatility: 0.85 },
  { name: 'hot', fromDay: 12, levelBp: 40, volatility: 1.25 },
  { name: 'calm', fromDay: 22, levelBp: -25, volatility: 0.85 },
] as const;

/** One hour in which the world falls by 6 % and Upbit falls further. */
export const CRASH = {
  minute: 17 * DAY_MINUTES + 13 * 60 + 10,
  minutes: 60,
  /** Half of the fall comes in the first quarter of an hour. */
  fall: 0.06,
  volatility: 4,
  /** Upbit sells first: the premium loses this much over the first third. */
  premiumBp: 150,
  /** In a rush everybody looks at the same price: less of it is followed late. */
  followLate: 0.1,
} as const;

/** Upbit answers nobody, starting in its maintenance hour (03:30 KST). Binance goes on. */
export const OUTAGE = { minute: 24 * DAY_MINUTES + 18 * 60 + 30, minutes: 100 } as const;
/** Minutes without a trade on Upbit. */
export const QUIET_MINUTES = [DAY_MINUTES + 19 * 60 + 7, 24 * DAY_MINUTES + 16 * 60 + 41] as const;

/** Mean absolute minute return of Binance by hour UTC over its mean of the day (2025-09). */
export const HOUR_VOLATILITY = [
  1.08, 1.06, 1.02, 0.88, 0.79, 0.8, 0.95, 0.94, 0.89, 0.81, 0.77, 0.71, 1.13, 1.47, 1.69, 1.27, 1.14, 1.1, 1.14, 0.95, 0.86, 0.76, 0.8, 0.8,
] as const;
/** Median Upbit volume by hour UTC over the median of all (2025-09): Korea sleeps from 16:00. */
export const HOUR_VOLUME = [
  1.76, 1.4, 1.23, 1.19, 1.11, 0.98, 1.13, 1.09, 1.26, 1.04, 1.09, 1.02, 1.38, 1.85, 2.02, 1.15, 0.6, 0.38, 0.3, 0.3, 0.36, 0.7, 1.0, 1.17,
] as const;
