import { epochMs, type EpochMs, type VenueId } from '../core/units.js';
import type { MarketView } from './market-view.js';

export interface MarketShift {
  /** When the history's first instant is shown. */
  readonly start: EpochMs;
  /** How fast the history goes by; 1: as it was. */
  readonly speed: number;
}

/** A history that begins at another time and goes by at another speed; prices and gaps are its own. */
export function shiftedMarket(market: MarketView, { start, speed }: MarketShift): MarketView {
  const { from: origin } = market;
  const then = (at: EpochMs): EpochMs => epochMs(origin + Math.floor((at - start) * speed));
  const bars = market.bars?.bind(market);
  const shownAt = (instant: EpochMs): EpochMs => epochMs(start + Math.ceil((instant - origin) / speed));
  return {
    mid: (venue, at) => market.mid(venue, then(at)),
    book: (venue, at) => market.book(venue, then(at)),
    usdKrw: (at) => market.usdKrw(then(at)),
    usdtKrw: (at) => market.usdtKrw(then(at)),
    nextFunding: (at) => {
      const next = market.nextFunding(then(at));
      return next && { at: shownAt(next.at), rate: next.rate };
    },
    highestMark: (from, to) => market.highestMark(then(from), then(to)),
    ...(bars === undefined
      ? {}
      : {
          bars: (venue: VenueId, from: EpochMs, to: EpochMs) =>
            bars(venue, then(from), then(to)).map((bar) => ({ ...bar, from: shownAt(bar.from), to: shownAt(bar.to) })),
        }),
    realisedVolatility: (at) => market.realisedVolatility?.(then(at)),
    from: start,
    to: shownAt(market.to),
    card: [
      ...market.card,
      `The history is shown from its beginning at the start of the run${speed === 1 ? '' : `, ${speed} times as fast as it was, funding included`}.`,
    ],
  };
}
