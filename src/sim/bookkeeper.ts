import type { MarketView } from '../market/market-view.js';
import { abs, fixedFromNumber, type PriceUsdt } from '../core/money.js';
import { epochMs, type EpochMs } from '../core/units.js';
import type { BinanceVenue } from './binance-venue.js';
import type { BinancePosition } from './binance-position.js';
import type { FlowTruth } from './flow-truth.js';
import type { VenueLiquidity } from './liquidity.js';
import type { TruthEntry } from './venue-host.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
/** After a fill the mids are recorded at these distances, for markouts. */
const MARKOUT_MS: readonly number[] = [SECOND, 10 * SECOND, MINUTE, 5 * MINUTE];

/** How finely the run is recorded, for the honesty card. */
export const MARKS_CARD: readonly string[] = [
  'Mids, FX and premium are recorded each second while a flow runs or a lot is unhedged (each minute after an hour without a change), at 1, 10, 60 and 300 s after a fill, and once a UTC day.',
];

type MarkReason = 'second' | 'markout' | 'day' | 'end';

export interface BookkeeperHost {
  readonly market: MarketView;
  readonly upbit: VenueLiquidity;
  readonly binance: VenueLiquidity;
  readonly truth: FlowTruth;
  readonly venue: BinanceVenue;
  /** A residual smaller than this is dust that the perpetual cannot hedge: it is not watched second by second. */
  readonly lot: bigint;
  /** Carries `act` out as of `at`, which may lie in the past. */
  asOf(at: EpochMs, act: () => void): void;
  write(entry: TruthEntry): void;
}

/**
 * Everything that happens by itself as time passes: marks, funding, liquidation. Nothing of it sets a timer: when the
 * run wakes it, it works through what has become due, in the order of time, so that an idle account costs nothing.
 */
export class Bookkeeper {
  readonly #host: BookkeeperHost;
  #awakeAt: EpochMs;
  #nextDay: number;
  #nextSecond = Number.POSITIVE_INFINITY;
  #activeSince = 0;
  /** Due times, a queue for each distance: fills come in the order of time, so every queue is sorted. */
  readonly #markouts: readonly number[][] = MARKOUT_MS.map(() => []);
  #fundedTo: EpochMs;

  constructor(host: BookkeeperHost, start: EpochMs) {
    this.#host = host;
    this.#awakeAt = start;
    this.#nextDay = (Math.floor(start / DAY) + 1) * DAY;
    this.#fundedTo = start;
  }

  /** Works through what is due up to `now`. */
  wake(now: EpochMs): void {
    while (this.#awakeAt < now) {
      const positions = this.#host.venue.account.open;
      const funding = positions.length === 0 ? undefined : this.#host.market.nextFunding(this.#fundedTo);
      const horizon = funding !== undefined && funding.at <= now ? funding.at : now;
      const liquidated = this.#firstLiquidation(positions, horizon);
      const end = liquidated?.at ?? horizon;
      this.#writeMarks(end);
      this.#awakeAt = end;
      if (liquidated !== undefined) this.#host.asOf(end, () => this.#liquidate(liquidated.position, end));
      else if (funding !== undefined && funding.at === end) this.#settleFunding(funding);
      if (positions.length === 0) this.#fundedTo = end;
    }
  }

  /** A flow began or ended, or a leg changed: marks every second from here on, or no longer. */
  changed(now: EpochMs): void {
    const { truth, lot } = this.#host;
    const active = truth.running !== undefined || abs(BigInt(truth.residual)) >= lot;
    const wasActive = this.#nextSecond !== Number.POSITIVE_INFINITY;
    if (active) this.#activeSince = now;
    if (active === wasActive) return;
    this.mark('second', now);
    this.#nextSecond = active ? now + SECOND : Number.POSITIVE_INFINITY;
  }

  /** Plans the markouts of a fill. */
  filled(now: EpochMs): void {
    for (const [index, distance] of MARKOUT_MS.entries()) {
      const queue = this.#markouts[index];
      if (queue !== undefined && queue.at(-1) !== now + distance) queue.push(now + distance);
    }
    this.changed(now);
  }

  mark(why: MarkReason, at: EpochMs): void {
    const host = this.#host;
    const { market, truth, upbit, binance } = host;
    const upbitMid = upbit.mid(at);
    const binanceMid = binance.mid(at);
    const usdKrw = market.usdKrw(at);
    const premium = upbitMid === undefined || binanceMid === undefined || usdKrw === undefined ? undefined : upbitMid / (binanceMid * usdKrw) - 1;
    const entry: TruthEntry = {
      type: 'mark',
      why,
      upbitMid,
      binanceMid,
      usdKrw,
      usdtKrw: market.usdtKrw(at),
      premium,
      spot: truth.spot,
      perp: truth.perp,
    };
    host.asOf(at, () => host.write(entry));
  }

  #writeMarks(end: EpochMs): void {
    for (;;) {
      const markout = this.#nextMarkout();
      const due = Math.min(this.#nextSecond, this.#nextDay, markout);
      if (due > end) return;
      const at = epochMs(due);
      // One mark serves every purpose of its instant; the least frequent names it.
      const why: MarkReason = due === this.#nextDay ? 'day' : due === markout ? 'markout' : 'second';
      this.mark(why, at);
      if (due === this.#nextDay) this.#nextDay += DAY;
      if (due === markout) for (const queue of this.#markouts) if (queue[0] === due) queue.shift();
      // What stays open for hours needs no second-by-second picture: once a minute after an hour without a change.
      if (due === this.#nextSecond) this.#nextSecond += due - this.#activeSince < HOUR ? SECOND : MINUTE;
    }
  }

  #nextMarkout(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const queue of this.#markouts) if (queue[0] !== undefined && queue[0] < next) next = queue[0];
    return next;
  }

  #settleFunding(funding: { readonly at: EpochMs; readonly rate: number }): void {
    const { binance, venue } = this.#host;
    this.#fundedTo = funding.at;
    this.#host.asOf(funding.at, () => {
      const mid = binance.mid(funding.at);
      const mark = venue.mark();
      if (mark === undefined) return;
      venue.account.settleFunding(funding.rate, mark, mid ?? Number(mark) / 1e8);
    });
  }

  /** The first instant up to `end` at which a position's margin no longer suffices. */
  #firstLiquidation(positions: readonly BinancePosition[], end: EpochMs): { readonly at: EpochMs; readonly position: BinancePosition } | undefined {
    const { market, venue, binance } = this.#host;
    for (const position of positions) {
      const price = venue.account.liquidationPrice(position);
      if (price === undefined) continue;
      const limit = Number(price) / 1e8;
      const reached = (mark: number | undefined): boolean => mark !== undefined && (position.quantity < 0n ? mark >= limit : mark <= limit);
      // A long has no lowest mark to look up: it is checked whenever something happens, not in between.
      const highest = position.quantity < 0n ? market.highestMark(this.#awakeAt, end) : undefined;
      if (reached(highest)) return { at: this.#bisect(limit, end), position };
      if (reached(binance.mid(end))) return { at: end, position };
    }
    return undefined;
  }

  /** The first millisecond in (awake, end] by which the mark was at or above `limit`. */
  #bisect(limit: number, end: EpochMs): EpochMs {
    let below: number = this.#awakeAt;
    let reached: number = end;
    while (reached - below > 1) {
      const middle = Math.floor((below + reached) / 2);
      const highest = this.#host.market.highestMark(this.#awakeAt, epochMs(middle));
      if (highest !== undefined && highest >= limit) reached = middle;
      else below = middle;
    }
    return epochMs(reached);
  }

  #liquidate(position: BinancePosition, at: EpochMs): void {
    const { venue, binance } = this.#host;
    const price = venue.account.liquidationPrice(position);
    if (price === undefined) return;
    const mid = binance.mid(at);
    const mark = mid === undefined ? price : fixedFromNumber<PriceUsdt>(mid);
    // The venue takes over at the liquidation price, or at the mark when a gap jumped past it.
    const beyond = position.quantity < 0n ? mark > price : mark < price;
    venue.account.force('liquidation', position, position.size, beyond ? mark : price);
  }
}
