import type { Maybe } from '../not-available.js';
import { notAvailable } from '../not-available.js';

/** Crypto trades every day of the year; figures are annualised by this (Jesse, barter: 365). */
const DAYS_A_YEAR = 365;
const DAYS_MIN = 30;
const TRADES_MIN = 10;

/** Returns of a 24/7 market on daily equity of both venues, idle margin and KRW float included. */
export interface ReturnFigures {
  readonly sharpe: Maybe<number>;
  /** Downside deviation over ALL days, target 0. */
  readonly sortino: Maybe<number>;
  readonly calmar: Maybe<number>;
  /** Lag-1 autocorrelation of daily returns: annualising by the root of time holds only when it is near 0 (Lo 2002). */
  readonly autocorrelation: Maybe<number>;
  /** Largest (peak - equity) / peak, a fraction; needs no guard. */
  readonly maxDrawdown: Maybe<number>;
  readonly days: number;
}

/**
 * @param equity - one mark a UTC day, KRW, in order; positive.
 * @param marked - the same at every instant it was marked, for the drawdown.
 * @param trades - completed entries, for the guard: no annual figure under 30 days or 10 trades.
 */
export function returnFigures(equity: readonly number[], trades: number, marked: readonly number[] = equity): ReturnFigures {
  const returns = equity.slice(1).map((value, index) => value / (equity[index] ?? value) - 1);
  const days = returns.length;
  const drawdown = marked.length < 2 ? notAvailable('needs at least two marks') : maxDrawdown(marked);
  const guard = guardReason(days, trades);
  if (guard !== undefined) {
    const na = notAvailable(guard);
    return { sharpe: na, sortino: na, calmar: na, autocorrelation: na, maxDrawdown: drawdown, days };
  }
  const mean = average(returns);
  const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (days - 1));
  const downside = Math.sqrt(returns.reduce((sum, value) => sum + Math.min(0, value) ** 2, 0) / days);
  const worst = typeof drawdown === 'number' ? drawdown : 0;
  const annual = ((equity[days] ?? 1) / (equity[0] ?? 1)) ** (DAYS_A_YEAR / days) - 1;
  return {
    sharpe: ratio(mean, deviation, Math.sqrt(DAYS_A_YEAR), 'equity never moved'),
    sortino: ratio(mean, downside, Math.sqrt(DAYS_A_YEAR), 'no day lost money'),
    calmar: ratio(annual, worst, 1, 'equity never fell'),
    autocorrelation: autocorrelation(returns, mean),
    maxDrawdown: drawdown,
    days,
  };
}

function guardReason(days: number, trades: number): string | undefined {
  if (days < DAYS_MIN) return `no annual figure under ${DAYS_MIN} daily returns (this run: ${days})`;
  if (trades < TRADES_MIN) return `no annual figure under ${TRADES_MIN} trades (this run: ${trades})`;
  return undefined;
}

/** Largest fall from a peak as a fraction of the peak. */
export function maxDrawdown(equity: readonly number[]): number {
  let peak = Number.NEGATIVE_INFINITY;
  let worst = 0;
  for (const value of equity) {
    peak = Math.max(peak, value);
    worst = Math.max(worst, (peak - value) / peak);
  }
  return worst;
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function ratio(top: number, bottom: number, scale: number, whenZero: string): Maybe<number> {
  return bottom > 0 ? (top / bottom) * scale : notAvailable(whenZero);
}

function autocorrelation(returns: readonly number[], mean: number): Maybe<number> {
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const covariance = returns.slice(1).reduce((sum, value, index) => sum + (value - mean) * ((returns[index] ?? mean) - mean), 0);
  return ratio(covariance, variance, 1, 'equity never moved');
}
