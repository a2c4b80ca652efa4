import type { BarTimeline } from './bar-timeline.js';
import { BOOK_CALIBRATIONS } from './book-calibration.js';
import { impliedPremiumChangeSdBp } from './premium-model.js';

/** What a bar market models and what it does not, for the honesty card. */
export function barMarketCard(timeline: BarTimeline, depthFactor: number): readonly string[] {
  const { bars } = timeline;
  const legs = [bars.upbitOhlc === undefined ? [] : ['Upbit'], bars.binanceOhlc === undefined ? [] : ['Binance']].flat();
  const basisBp = bars.source.perpBasis * 10_000;
  return [
    legs.length === 0
      ? 'Prices between bar closes are simulated: a seeded path through the closes, for both venues jointly. No candles were given, so highs and lows are simulated too.'
      : `Prices between bar closes are simulated: a seeded path for both venues jointly, through open, high, low and close where candles were given (${legs.join(' and ')}). When inside the bar its high and low fell is drawn.`,
    `Joint path: Upbit follows the world price with a lag of about a minute, and the premium is a random walk plus a transient part, fitted on the real minutes of September 2025 (sd of its change: ${impliedPremiumChangeSdBp(10).toFixed(1)} bp in 10 s, ${impliedPremiumChangeSdBp(60).toFixed(1)} bp in 60 s) and scaled by the volatility of the bars around.`,
    'Closes are last trades, taken as mids: bounce and staleness of the last trade count as movement, which errs on the rough side.',
    `Mark price of the perpetual: its mid${basisBp === 0 ? '' : `, which is the ${bars.source.foreignLeg} price ${basisBp > 0 ? 'plus' : 'minus'} ${Math.abs(basisBp).toFixed(1)} bp`}.`,
    'Upbit book: fitted to the cost of buying 0.1, 0.5 and 1 BTC in 8 snapshots of one quiet stretch of two minutes (2025-08-23); beyond 6 bp from the mid its depth is an assumption. Their bid side cost two to four times as much: see the figures at half depth.',
    'Perpetual book: fitted to the cost of buying 1 and 5 BTC in one six-minute sample (2024-08-08), depth beyond 3 bp to one snapshot; sizes in BTC are taken to hold at other prices and dates.',
    `Spread and depth worsen with the bars' recent volatility above ${BOOK_CALIBRATIONS.upbit.calmVolatility} (Upbit) and ${BOOK_CALIBRATIONS.binance.calmVolatility} (perpetual) bp a square-root minute: distances with its square root (measured on Upbit candles), quantities with its 0.3th power (an assumption). They never get better than calm.`,
    'Queue position is not modelled: orders fill against the book of their instant, and the book does not remember what was taken from it.',
    ...(depthFactor === 1 ? [] : [`Every quantity in every book is multiplied by ${depthFactor}.`]),
    ...(timeline.oddCandles === 0
      ? []
      : [`Candles that do not hold their own bar's open and close, so that the bar is filled in from closes alone: ${timeline.oddCandles}.`]),
  ];
}
