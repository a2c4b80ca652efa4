import { epochMs, type DurationMs, type EpochMs, type VenueId } from '../core/units.js';
import type { MarketView } from './market-view.js';

export interface MarketShift {
  /** When `origin` is shown. */
  readonly start: EpochMs;
  /** The instant of the history that the run begins with; what lies before it is the past. Its first one when absent. */
  readonly origin?: EpochMs | undefined;
  /** How fast the history goes by; 1: as it was. */
  readonly speed: number;
}

/** A history that begins at another time and goes by at another speed; prices and gaps are its own. */
export function shiftedMarket(market: MarketView, { start, speed, origin = market.from }: MarketShift): MarketView {
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
    from: shownAt(market.from),
    to: shownAt(market.to),
    card: [
      ...market.card,
      `The history is shown from ${origin === market.from ? 'its beginning' : `${new Date(origin).toISOString()} on`} at the start of the run${speed === 1 ? '' : `, ${speed} times as fast as it was, funding included`}.`,
    ],
  };
}

/**
 * The instant of a history that leaves `pastMs` of it, or up to a step more, behind a run that begins at `start`: whole steps
 * apart, so that its bars are shown as candles of the present.
 */
export function originAfter(market: Pick<MarketView, 'from'>, pastMs: DurationMs, start: EpochMs, stepMs: number): EpochMs {
  const earliest = market.from + pastMs;
  const beyond = (start - earliest) % stepMs;
  return epochMs(earliest + ((beyond + stepMs) % stepMs));
}
