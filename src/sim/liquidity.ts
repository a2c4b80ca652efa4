import type { ActiveWindow } from '../faults/fault-session.js';
import type { BookLevel, BookSnapshot, MarketView } from '../market/market-view.js';
import { fixed, fixedFromNumber, mulDiv, type Btc, type Fixed } from '../core/money.js';
import { type EpochMs, type Side, type VenueId } from '../core/units.js';

/** Half of what we took from a book is back after this time, all of it after twice as long: an assumption, on the card. */
const REFILL_HALF_LIFE_MS = 3_000;

/** What this part of the simulation assumes about liquidity, for the honesty card. */
export const liquidityCard = (refillHalfLifeMs = REFILL_HALF_LIFE_MS): readonly string[] => [
  `What we take is missing from the book and comes back evenly, half of it after ${refillHalfLifeMs / 1_000} s (assumed).`,
  'Other participants do not react to our orders; a resting order trades only when the other side of the book reaches its price (queue position is not modelled).',
  'In a gap of the data nothing trades: immediate orders end unfilled, resting orders wait, books read as empty.',
];

interface Depletion {
  readonly quantity: bigint;
  readonly at: EpochMs;
}

/** The faults' changes to a market at one instant, all windows taken together. */
interface Distortion {
  readonly halted: boolean;
  readonly gapPpm: bigint;
  readonly depthPpm: bigint;
  readonly halfSpreadPpm: bigint;
}

const MILLION = 1_000_000n;
const NO_DISTORTION: Distortion = { halted: false, gapPpm: 0n, depthPpm: MILLION, halfSpreadPpm: 0n };

/** One venue's book as an order meets it: the world's book, bent by `market` faults, without what we took ourselves. */
export class VenueLiquidity {
  readonly #venue: VenueId;
  readonly #market: MarketView;
  readonly #windows: (at: EpochMs) => readonly ActiveWindow[];
  readonly #tick: (price: Fixed<string>) => bigint;
  readonly #step: bigint;
  readonly #refillHalfLifeMs: number;
  readonly #taken: Record<Side, Depletion[]> = { buy: [], sell: [] };
  readonly #onLook = new Set<(at: EpochMs, book: BookSnapshot | undefined) => void>();
  /** The book of the last undistorted look: one matching step looks several times at the same instant. */
  #last: { readonly at: EpochMs; readonly book: BookSnapshot | undefined } | undefined;

  constructor(options: {
    readonly venue: VenueId;
    readonly market: MarketView;
    readonly windows: (at: EpochMs) => readonly ActiveWindow[];
    readonly tick: (price: Fixed<string>) => bigint;
    readonly quantityStep: bigint;
    readonly refillHalfLifeMs?: number | undefined;
  }) {
    this.#venue = options.venue;
    this.#market = options.market;
    this.#windows = options.windows;
    this.#tick = options.tick;
    this.#step = options.quantityStep;
    this.#refillHalfLifeMs = options.refillHalfLifeMs ?? REFILL_HALF_LIFE_MS;
  }

  /** Matching is stopped by a fault; a gap in the data is not a halt. */
  halted(at: EpochMs): boolean {
    return this.#distortion(at).halted;
  }

  /** A fault stops the market or moves its price, so that the data alone does not tell what it does. */
  isMoved(at: EpochMs): boolean {
    const { halted, gapPpm } = this.#distortion(at);
    return halted || gapPpm !== 0n;
  }

  /** Mid price in quote per BTC, with the faults' price jumps; undefined in a gap of the data. */
  mid(at: EpochMs): number | undefined {
    const mid = this.#market.mid(this.#venue, at);
    if (mid === undefined) return undefined;
    const { gapPpm } = this.#distortion(at);
    return gapPpm === 0n ? mid : mid * (1 + Number(gapPpm) / 1e6);
  }

  midPrice(at: EpochMs): Fixed<string> | undefined {
    const mid = this.mid(at);
    return mid === undefined ? undefined : fixedFromNumber<Fixed<string>>(mid);
  }

  /** Undefined in a gap of the data; either side may be empty after a large take. */
  book(at: EpochMs): BookSnapshot | undefined {
    const distortion = this.#distortion(at);
    if (distortion === NO_DISTORTION && this.#last?.at === at) return this.#last.book;
    const raw = this.#market.book(this.#venue, at);
    const book =
      raw === undefined ? undefined : { bids: this.#side(raw.bids, 'sell', distortion, at), asks: this.#side(raw.asks, 'buy', distortion, at) };
    this.#last = distortion === NO_DISTORTION ? { at, book } : undefined;
    for (const listener of this.#onLook) listener(at, book);
    return book;
  }

  /** Told of every book that anybody was shown, once an instant at least. @returns ends it. */
  onLook(listener: (at: EpochMs, book: BookSnapshot | undefined) => void): () => void {
    this.#onLook.add(listener);
    return () => void this.#onLook.delete(listener);
  }

  /** The levels an order on `side` trades against, best first; empty in a gap. */
  against(side: Side, at: EpochMs): readonly BookLevel[] {
    const book = this.book(at);
    if (book === undefined) return [];
    return side === 'buy' ? book.asks : book.bids;
  }

  /** Takes `quantity` off the side that an order on `side` trades against. */
  take(side: Side, quantity: bigint, at: EpochMs): void {
    if (quantity <= 0n) return;
    this.#taken[side].push({ quantity, at });
    this.#last = undefined;
  }

  /** A price moved against an order on `side` by `slipBp`, on the tick. */
  worse(price: Fixed<string>, side: Side, slipBp: number): Fixed<string> {
    if (slipBp === 0) return price;
    const ppm = BigInt(Math.round(slipBp * 100)) * (side === 'buy' ? 1n : -1n);
    return this.#onTick(price + mulDiv(price, ppm, MILLION, 'down'), side === 'buy');
  }

  #side(levels: readonly BookLevel[], taker: Side, distortion: Distortion, at: EpochMs): readonly BookLevel[] {
    let missing = this.#missing(taker, at);
    if (missing === 0n && distortion === NO_DISTORTION) return levels;
    const shift = distortion.gapPpm + (taker === 'buy' ? distortion.halfSpreadPpm : -distortion.halfSpreadPpm);
    const result: BookLevel[] = [];
    for (const level of levels) {
      let quantity = distortion.depthPpm === MILLION ? level.quantity : this.#onStep(mulDiv(level.quantity, distortion.depthPpm, MILLION, 'down'));
      const gone = missing < quantity ? missing : quantity;
      missing -= gone;
      quantity = fixed<Btc>(quantity - gone);
      if (quantity <= 0n) continue;
      const price = shift === 0n ? level.price : this.#onTick(level.price + mulDiv(level.price, shift, MILLION, 'half-up'), taker === 'buy');
      result.push({ price, quantity });
    }
    return result;
  }

  #missing(taker: Side, at: EpochMs): bigint {
    const taken = this.#taken[taker];
    if (taken.length === 0) return 0n;
    const whole = 2 * this.#refillHalfLifeMs;
    const live = taken.filter((take) => at - take.at < whole);
    this.#taken[taker] = live;
    // A look into the past does not see what was taken after it.
    const seen = live.filter((take) => take.at <= at);
    const missing = seen.reduce((sum, take) => sum + (take.quantity * BigInt(Math.max(0, whole - (at - take.at)))) / BigInt(whole), 0n);
    return this.#onStep(missing);
  }

  #onStep(quantity: bigint): Btc {
    return fixed<Btc>(quantity - (quantity % this.#step));
  }

  #onTick(price: bigint, up: boolean): Fixed<string> {
    const tick = this.#tick(fixed(price));
    const rest = price % tick;
    if (rest === 0n) return fixed(price);
    return fixed(up ? price - rest + tick : price - rest);
  }

  #distortion(at: EpochMs): Distortion {
    const windows = this.#windows(at);
    if (windows.length === 0) return NO_DISTORTION;
    let halted = false;
    let gapBp = 0;
    let depth = 1;
    let spreadBp = 0;
    let found = false;
    for (const { action } of windows) {
      if (action.kind !== 'market') continue;
      found = true;
      halted ||= action.halt;
      gapBp += action.gapBp;
      depth *= action.depthFactor;
      spreadBp += action.spreadBp ?? 0;
    }
    if (!found) return NO_DISTORTION;
    const ppm = (value: number): bigint => BigInt(Math.round(value));
    return { halted, gapPpm: ppm(gapBp * 100), depthPpm: ppm(depth * 1e6), halfSpreadPpm: ppm(spreadBp * 50) };
  }
}
