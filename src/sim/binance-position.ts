import { abs, fixed, mulDiv, ONE, type Btc, type Fixed, type PriceUsdt, type Usdt } from '../core/money.js';
import type { Side } from '../core/units.js';
import { usdtOf } from './binance-margin.js';

/** `BOTH` in one-way mode, the others in hedge mode. */
export type PositionSide = 'BOTH' | 'LONG' | 'SHORT';

/**
 * One position of the perpetual. The entry is kept as the exact quote amount of the open quantity, not as a rounded
 * average, so that what closes have realised adds up to the sum of all trades.
 */
export class BinancePosition {
  readonly side: PositionSide;
  /** Signed: negative is short. */
  quantity = fixed<Btc>(0n);
  /** Quote amount that the open quantity was entered for, never negative. */
  cost = 0n;
  /** Margin set aside for it in isolated mode. */
  isolated = 0n;
  updatedAt = 0;

  constructor(side: PositionSide) {
    this.side = side;
  }

  get entryPrice(): PriceUsdt {
    const size = this.size;
    return fixed(size === 0n ? 0n : mulDiv(this.cost, ONE, size, 'half-up'));
  }

  get size(): bigint {
    return abs(BigInt(this.quantity));
  }

  /** How much of an order on `side` would close it. */
  closable(side: Side): bigint {
    if (this.quantity === 0n || this.quantity < 0n !== (side === 'buy')) return 0n;
    return this.size;
  }

  unrealized(mark: Fixed<string>): Usdt {
    const worth = usdtOf(mark, this.size);
    return fixed(this.quantity < 0n ? this.cost - worth : worth - this.cost);
  }

  /**
   * Applies a trade: closes first, what is left opens.
   *
   * @param marginFor - margin to set aside for an opened notional; zero in cross mode.
   * @returns the realised result of what was closed, fees excluded.
   */
  trade(side: Side, quantity: bigint, price: Fixed<string>, marginFor: (notionalUsdt: bigint) => bigint): Usdt {
    const closable = this.closable(side);
    const closing = quantity < closable ? quantity : closable;
    const realized = closing > 0n ? this.#close(closing, price) : 0n;
    const opening = quantity - closing;
    if (opening > 0n) {
      const notionalUsdt = usdtOf(price, opening);
      this.quantity = fixed(this.quantity + (side === 'buy' ? opening : -opening));
      this.cost += notionalUsdt;
      this.isolated += marginFor(notionalUsdt);
    }
    return fixed(realized);
  }

  #close(closing: bigint, price: Fixed<string>): bigint {
    const size = this.size;
    const short = this.quantity < 0n;
    const entered = closing === size ? this.cost : mulDiv(this.cost, closing, size, 'down');
    const released = closing === size ? this.isolated : mulDiv(this.isolated, closing, size, 'down');
    this.cost -= entered;
    this.isolated -= released;
    this.quantity = fixed(short ? this.quantity + closing : this.quantity - closing);
    const left = usdtOf(price, closing);
    return short ? entered - left : left - entered;
  }
}
