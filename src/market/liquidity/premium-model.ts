/**
 * The joint law of both legs between two closes, in log prices (bp) and minutes. The foreign leg `b` is a random
 * walk, the world's price. The Upbit leg follows it with a lag and adds a part of its own:
 *
 *   u(t) = K b(t) + o(t) + m(t),   dm = -m dt / tau - (K - k) db + own transient
 *
 * Upbit answers a move of the world with the share `k` at once and `K` in the end, catching up with time constant
 * `tau`; `o` is a random walk, and what is left of `m` dies out with the same `tau`. It follows that the premium
 * `u - b` is a random walk plus an Ornstein-Uhlenbeck part, which is what the real minutes show.
 *
 * Least squares on the 31,677 real minutes of September 2025 (Upbit BTC/KRW against Binance spot; minute closes,
 * FX left out): covariances of the legs' 1-minute returns at lags 0..3 (6.40, 2.47, 0.86, 0.43 bp2; the model
 * gives 6.30, 2.43, 0.90, 0.33) and the variances of u and of the premium over 1, 2, 3, 5, 10 minutes (premium 11.8,
 * 17.5, 21.7, 27.9, 39.8 bp2; the model 11.8, 17.8, 21.5, 27.2, 39.8). Closes are last trades, so part of the
 * transient is bounce and staleness of the last trade, not movement of the mid: the figures err on the rough side.
 */
export const PREMIUM_MODEL = {
  /** Variance of the world's log price, bp2 a minute. */
  worldVariance: 13.54,
  /** Share of a world move that Upbit follows in the end; the rest stays in the premium. */
  followShare: 0.75,
  /** Share of it that Upbit follows at once. */
  instantShare: 0.3,
  /** Time constant of catching up and of the transient, minutes. */
  tauMinutes: 1,
  /** Variance of Upbit's own random walk, bp2 a minute. */
  ownVariance: 1.65,
  /** Stationary variance of Upbit's own transient, bp2. */
  ownTransientVariance: 4.5,
} as const;

const { worldVariance, followShare, instantShare, tauMinutes, ownVariance, ownTransientVariance } = PREMIUM_MODEL;
const laggingShare = followShare - instantShare;
const lagVariance = (laggingShare * laggingShare * worldVariance * tauMinutes) / 2;
/** Stationary variance of `m`, bp2. */
const transientVariance = lagVariance + ownTransientVariance;

/** Variance of the change of the premium over `minutes`, bp2: random walk plus transient. */
export function premiumChangeVariance(minutes: number): number {
  const walk = (1 - followShare) ** 2 * worldVariance + ownVariance;
  const transient = transientVariance + (1 - followShare) * laggingShare * worldVariance * tauMinutes;
  return walk * minutes + 2 * transient * (1 - Math.exp(-minutes / tauMinutes));
}

/** Standard deviation of the change of the premium over `seconds`, in bp: what the real minutes imply for any lag. */
export function impliedPremiumChangeSdBp(seconds: number): number {
  return Math.sqrt(premiumChangeVariance(seconds / 60));
}

/** Covariances of the two legs relative to their values at time 0; times in minutes, before and after. */
export interface LegCovariances {
  readonly worldWorld: number;
  readonly worldUpbit: number;
  readonly upbitWorld: number;
  readonly upbitUpbit: number;
}

/**
 * Covariances of (b, u) at `s` with (b, u) at `t`, all as changes since time 0, in bp2. `worldUpbit` is b at `s`
 * with u at `t`.
 */
export function legCovariances(s: number, t: number): LegCovariances {
  const shared = sharedTime(s, t);
  const worldWorld = worldVariance * shared;
  const cross = lagCovariance(s, t) - lagCovariance(s, 0);
  const crossBack = lagCovariance(t, s) - lagCovariance(t, 0);
  const decay = (gap: number): number => Math.exp(-Math.abs(gap) / tauMinutes);
  const transient = transientVariance * (decay(s - t) - decay(s) - decay(t) + 1);
  return {
    worldWorld,
    worldUpbit: followShare * worldWorld + cross,
    upbitWorld: followShare * worldWorld + crossBack,
    upbitUpbit: followShare * followShare * worldWorld + followShare * (cross + crossBack) + ownVariance * shared + transient,
  };
}

/** Length of time that the stretches from 0 to `s` and from 0 to `t` have in common. */
function sharedTime(s: number, t: number): number {
  return s * t <= 0 ? 0 : Math.min(Math.abs(s), Math.abs(t));
}

/** Covariance of b(s) - b(0) with m(t): only world moves before `t` are in `m`, fading since. */
function lagCovariance(s: number, t: number): number {
  const from = Math.min(s, 0);
  const until = Math.min(Math.max(s, 0), t);
  if (until <= from) return 0;
  const weight = tauMinutes * (Math.exp((until - t) / tauMinutes) - Math.exp((from - t) / tauMinutes));
  return -Math.sign(s) * laggingShare * worldVariance * weight;
}

/** How the hidden state moves over one step of `minutes`; `noise` draws are independent standard normals. */
export interface StepLaw {
  readonly worldSd: number;
  readonly ownSd: number;
  readonly decay: number;
  /** The transient's innovation: its part in step with the world's move, and the part of its own. */
  readonly transientFromWorld: number;
  readonly transientOwnSd: number;
  /** Sd of the part of the lag's innovation that one number for the world's move cannot carry. */
  readonly lagRestSd: number;
}

/** The exact law of a step, whatever its length. */
export function stepLaw(minutes: number): StepLaw {
  const decay = Math.exp(-minutes / tauMinutes);
  const fromWorld = (-laggingShare * tauMinutes * (1 - decay)) / minutes;
  const lagInnovation = lagVariance * (1 - decay * decay);
  const explained = fromWorld * fromWorld * worldVariance * minutes;
  return {
    worldSd: Math.sqrt(worldVariance * minutes),
    ownSd: Math.sqrt(ownVariance * minutes),
    decay,
    transientFromWorld: fromWorld,
    transientOwnSd: Math.sqrt(ownTransientVariance * (1 - decay * decay)),
    lagRestSd: Math.sqrt(Math.max(0, lagInnovation - explained)),
  };
}

/** Sds of the stationary transient's two parts, bp: from the lag, and Upbit's own. */
export const TRANSIENT_SDS = { lag: Math.sqrt(lagVariance), own: Math.sqrt(ownTransientVariance) } as const;
