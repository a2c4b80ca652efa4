import { normalFromUniform, RandomStreams, uniformAt } from '../../core/random.js';
import type { StreamKey } from '../../core/random.js';
import type { VenueId } from '../../core/units.js';
import type { BookSnapshot } from '../market-view.js';
import { BOOK_CALIBRATIONS } from './book-calibration.js';
import { buildLadder, takeCostBp } from './ladder.js';
import type { SideState } from './ladder.js';
import { BOOK_GRIDS } from './venue-grids.js';

/** How far a book is from calm: factors on distances and on quantities, both 1 in calm. */
export interface BookStress {
  readonly offset: number;
  readonly depth: number;
}

export const CALM: BookStress = { offset: 1, depth: 1 };

/**
 * What volatility does to a book. Distances (and with them the spread) grow with the square root of volatility
 * above the calm of the samples. Measured on Upbit: the step from one minute's close to the next one's open, a
 * trade-to-trade spread, in 6,836 stretches of 20 minutes (2024-08 to 2025-09) grows with the 0.74th power of the
 * volatility over all, the 0.50th above the median, the 0.25th in the wildest third. A premium that moves more than
 * the calm 3.4 bp a minute (a KRW-only panic such as 2024-12-03) adds its 0.2th power (measured 0.13-0.19), on Upbit
 * alone. That quantities shrink with the 0.3th power is an assumption (measured within 5 levels: 0.13 and 0.00), and so
 * is using all of this for the perpetual.
 */
export function bookStress(venue: VenueId, volatility: number, premiumVolatility: number): BookStress {
  const ratio = Math.max(1, volatility / BOOK_CALIBRATIONS[venue].calmVolatility);
  const panic = venue === 'upbit' ? Math.max(1, premiumVolatility / CALM_PREMIUM_VOLATILITY) : 1;
  return { offset: Math.sqrt(ratio) * panic ** 0.2, depth: ratio ** -0.3 };
}

const CALM_PREMIUM_VOLATILITY = 3.4;

/**
 * The modelled book of a venue at an instant. Chance is drawn by position: `key` and the time alone decide it, so
 * the same instant always shows the same book.
 *
 * @param at - milliseconds; distances and depth drift over half a minute, single quantities change each second.
 */
export function modelledBook(venue: VenueId, key: StreamKey, at: number, mid: number, stress: BookStress, depthFactor: number): BookSnapshot {
  const calibration = BOOK_CALIBRATIONS[venue];
  const side = (name: number): SideState => ({
    offset: stress.offset * drift(key, at, calibration.offsetHoldMs, calibration.offsetLogSd, name),
    depth: stress.depth * depthFactor * drift(key, at, calibration.depthHoldMs, calibration.depthLogSd, name + 2),
  });
  return buildLadder(mid, calibration.levels, BOOK_GRIDS[venue], { bid: side(0), ask: side(1) }, key, Math.floor(at / 1_000));
}

/** A lognormal factor of mean 1 that wanders: two draws, one at each end of the holding time, mixed at equal variance. */
function drift(key: StreamKey, at: number, holdMs: number, logSd: number, name: number): number {
  const knot = Math.floor(at / holdMs);
  const share = at / holdMs - knot;
  const left = normalFromUniform(uniformAt(key, -(knot * 8 + name + 1)));
  const right = normalFromUniform(uniformAt(key, -((knot + 1) * 8 + name + 1)));
  const mixed = (left * (1 - share) + right * share) / Math.hypot(1 - share, share);
  return Math.exp(logSd * mixed - (logSd * logSd) / 2);
}

const SAMPLES = 200;
/** Sizes at which the mean cost is worked out: from a thousandth of a BTC, twelve to a decade. */
const SIZES = Array.from({ length: 73 }, (_, index) => 0.001 * 10 ** (index / 12));
const curves = new Map<VenueId, readonly number[]>();

/**
 * What taking `btc` on a venue costs against its mid in calm, on average over the model's own chance and both sides,
 * in bp; undefined when the modelled book is not that deep. For decisions before an order: a fill walks the book of
 * its instant.
 *
 * @param depthFactor - as given to the market: half the depth makes the same order twice as large.
 */
export function modelledTakeCostBp(venue: VenueId, btc: number, depthFactor = 1): number | undefined {
  const costs = curves.get(venue) ?? calmCosts(venue);
  curves.set(venue, costs);
  const size = btc / depthFactor;
  const right = SIZES.findIndex((knot) => knot >= size);
  const [low, high] = [costs[Math.max(right - 1, 0)], costs[right]];
  if (low === undefined || high === undefined) return undefined;
  const [from, to] = [SIZES[right - 1] ?? 0, SIZES[right] ?? size];
  return low + ((high - low) * (size - from)) / (to - from);
}

/** Mean costs at `SIZES` in calm books at the samples' price, up to the first size that one of them cannot fill. */
function calmCosts(venue: VenueId): number[] {
  const key = new RandomStreams('calm books').key(venue);
  const { referencePrice: mid } = BOOK_CALIBRATIONS[venue];
  const books = Array.from({ length: SAMPLES }, (_, index) => modelledBook(venue, key, index * 600_000, mid, CALM, 1));
  const costs: number[] = [];
  for (const size of SIZES) {
    const taken = books.flatMap(({ bids, asks }) => [takeCostBp(bids, mid, size), takeCostBp(asks, mid, size)]);
    const known = taken.filter((cost) => cost !== undefined);
    if (known.length < taken.length) break;
    costs.push(known.reduce((sum, cost) => sum + cost, 0) / known.length);
  }
  return costs;
}
