import { abs, type Btc, fixed, negate, toNumber } from '../../core/money.js';
import type { EpochMs } from '../../core/units.js';
import type { Episode, PositionStep, TapeOf } from './fact-types.js';

/** Follows what the hedge holds on both venues, and when the two do not cancel out. */
export class PositionKeeper {
  readonly #tolerance: Btc;
  readonly #steps: PositionStep[] = [];
  readonly #episodes: Episode[] = [];
  #spot = 0n;
  #perp = 0n;
  #naked: Omit<Episode, 'end'> | undefined;
  /** Quote amount the open short (or long) was entered for, as the venue averages it. */
  #perpCost = 0;

  constructor(tolerance: Btc) {
    this.#tolerance = tolerance;
  }

  get steps(): readonly PositionStep[] {
    return this.#steps;
  }

  get spot(): Btc {
    return fixed<Btc>(this.#spot);
  }

  get perp(): Btc {
    return fixed<Btc>(this.#perp);
  }

  fill(event: TapeOf<'fill'>): void {
    const change = event.side === 'buy' ? event.quantity : negate(event.quantity);
    const fee = event.feeAsset === 'BTC' ? event.fee : 0n;
    const news = { openedBy: event.purpose, flow: event.flow };
    if (event.venue === 'upbit') return this.#move(event.t, change - fee, 0n, news);
    this.#realize(change, toNumber(event.price));
    this.#move(event.t, 0n, change, news);
  }

  /** A change the venue made by itself. @returns what it realised at its price by average cost, USDT. */
  forced(event: TapeOf<'forced'>): number {
    const realized = this.#realize(event.quantity, toNumber(event.price));
    this.#move(event.t, 0n, event.quantity, { openedBy: 'forced', flow: undefined });
    return realized;
  }

  /** Coins that came or went without a trade. */
  external(t: EpochMs, amount: bigint): void {
    this.#move(t, amount, 0n, { openedBy: 'external', flow: undefined });
  }

  /** Episodes in order; the last may be open. */
  episodes(): readonly Episode[] {
    return this.#naked === undefined ? this.#episodes : [...this.#episodes, { end: undefined, ...this.#naked }];
  }

  /** Follows the average entry of the perpetual through a change; returns what the closed part made. */
  #realize(change: bigint, price: number): number {
    const before = toNumber(this.#perp);
    const after = before + toNumber(change);
    const closed = before * after < 0 ? Math.abs(before) : Math.max(0, Math.abs(before) - Math.abs(after));
    const entered = before === 0 ? 0 : (this.#perpCost * closed) / Math.abs(before);
    const opened = Math.abs(toNumber(change)) - closed;
    this.#perpCost += opened * price - entered;
    return Math.sign(before) * (closed * price - entered);
  }

  #move(t: EpochMs, spot: bigint, perp: bigint, news: Pick<Episode, 'openedBy' | 'flow'>): void {
    this.#spot += spot;
    this.#perp += perp;
    const residual = fixed<Btc>(this.#spot + this.#perp);
    const step = { t, spot: this.spot, perp: this.perp, residual };
    // Several fills at one instant are one step: nothing was naked for no time.
    if (this.#steps.at(-1)?.t === t) this.#steps[this.#steps.length - 1] = step;
    else this.#steps.push(step);
    const naked = abs(residual) > this.#tolerance;
    if (naked && this.#naked === undefined) this.#naked = { start: t, ...news };
    if (!naked && this.#naked !== undefined) {
      if (this.#naked.start !== t) this.#episodes.push({ end: t, ...this.#naked });
      this.#naked = undefined;
    }
  }
}
