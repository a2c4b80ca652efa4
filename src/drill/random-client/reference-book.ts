import type { EpochMs, Side, VenueId } from '../../core/units.js';
import type { MarketView } from '../../market/market-view.js';

/** An amount at a price, both in 1e-8. */
export interface Piece {
  readonly price: bigint;
  readonly quantity: bigint;
}

const ONE = 100_000_000n;
/** What was taken comes back evenly over this time (the market card says: half of it after 3 s). */
const REFILL_MS = 6_000n;

/** What an order finds in the book, worked out from the market and from what was traded before. */
export class ReferenceBook {
  readonly #market: MarketView;
  readonly #venue: VenueId;
  readonly #step: bigint;
  readonly #taken: Record<Side, { readonly quantity: bigint; readonly at: number }[]> = { buy: [], sell: [] };

  /** The last instant up to the given one at which the market's book changed. */
  readonly standsSince: (at: number) => number;

  constructor(market: MarketView, venue: VenueId, step: bigint, standsSince: (at: number) => number) {
    this.#market = market;
    this.#venue = venue;
    this.#step = step;
    this.standsSince = standsSince;
  }

  /** Whether our own trades since `since` still show in the book. */
  isTouched(side: Side, since: number): boolean {
    return this.#taken[side].some(({ at }) => at > since - Number(REFILL_MS));
  }

  mid(at: EpochMs): number | undefined {
    return this.#market.mid(this.#venue, at);
  }

  took(side: Side, quantity: bigint, at: number): void {
    this.#taken[side].push({ quantity, at });
  }

  /** Levels that an order on `side` trades against, best first, without what we took and is not back yet. */
  against(side: Side, at: EpochMs): readonly Piece[] {
    const book = this.#market.book(this.#venue, at);
    const levels = (side === 'buy' ? book?.asks : book?.bids) ?? [];
    let gone = this.#missing(side, at);
    return levels.flatMap(({ price, quantity }) => {
      const lost = gone < quantity ? gone : quantity;
      gone -= lost;
      return quantity > lost ? [{ price, quantity: quantity - lost }] : [];
    });
  }

  /** What an order for `quantity` gets at once. */
  forQuantity(side: Side, quantity: bigint, limit: bigint | undefined, at: EpochMs): readonly Piece[] {
    let open = quantity;
    return this.#reachable(side, limit, at).flatMap((level) => {
      const part = open < level.quantity ? open : level.quantity;
      open -= part;
      return part > 0n ? [{ price: level.price, quantity: part }] : [];
    });
  }

  /** What a buy that spends `cost` gets; whole steps only. */
  forCost(cost: bigint, at: EpochMs): readonly Piece[] {
    const pieces: Piece[] = [];
    let money = cost;
    for (const { price, quantity } of this.against('buy', at)) {
      const steps = (money * ONE) / price / this.#step;
      const part = steps * this.#step < quantity ? steps * this.#step : quantity;
      if (part > 0n) pieces.push({ price, quantity: part });
      money -= (price * part + ONE / 2n) / ONE;
      if (part < quantity) break;
    }
    return pieces;
  }

  #reachable(side: Side, limit: bigint | undefined, at: EpochMs): readonly Piece[] {
    return this.against(side, at).filter(({ price }) => limit === undefined || (side === 'buy' ? price <= limit : price >= limit));
  }

  #missing(side: Side, at: number): bigint {
    const sum = this.#taken[side].reduce((total, { quantity, at: then }) => {
      const left = REFILL_MS - BigInt(at - then);
      return left > 0n && then <= at ? total + (quantity * left) / REFILL_MS : total;
    }, 0n);
    return sum - (sum % this.#step);
  }
}
