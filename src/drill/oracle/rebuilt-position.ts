import { worth } from './exact.js';

/** A perpetual position worked out anew from its trades; what was paid for the open part is kept exactly. */
export class RebuiltPosition {
  /** Signed, 1e-8 BTC. */
  quantity = 0n;
  /** USDT at 1e-8 that the open part was entered for. */
  entered = 0n;

  /** @returns what the trade realises, fees aside, in 1e-8 USDT. */
  trade(change: bigint, price: bigint): bigint {
    const size = this.quantity < 0n ? -this.quantity : this.quantity;
    const amount = change < 0n ? -change : change;
    const closes = this.quantity !== 0n && this.quantity > 0n !== change > 0n;
    const closing = closes ? (amount < size ? amount : size) : 0n;
    let realized = 0n;
    if (closing > 0n) {
      const released = closing === size ? this.entered : (this.entered * closing) / size;
      const got = worth(price, closing);
      realized = this.quantity > 0n ? got - released : released - got;
      this.entered -= released;
      this.quantity += change > 0n ? closing : -closing;
    }
    const opening = amount - closing;
    if (opening > 0n) {
      this.entered += worth(price, opening);
      this.quantity += change > 0n ? opening : -opening;
    }
    return realized;
  }

  /** Average entry, rounded half up; 0 when flat. */
  get entryPrice(): bigint {
    const size = this.quantity < 0n ? -this.quantity : this.quantity;
    return size === 0n ? 0n : (this.entered * 200_000_000n + size) / (2n * size);
  }
}
