/** 1 BTC, 1 KRW, 1 USDT in units of 1e-8; written out so that nothing of the ledger's check is shared with what it checks. */
const UNIT = 100_000_000n;
const MILLION = 1_000_000n;

/** Quantity times price in quote money, both not negative, rounded half up. */
export function worth(price: bigint, quantity: bigint): bigint {
  return (price * quantity * 2n + UNIT) / (2n * UNIT);
}

/** The same, cut. */
export const worthCut = (price: bigint, quantity: bigint): bigint => (price * quantity) / UNIT;

/** What a rate in parts per million takes of an amount that is not negative. */
export const cutShare = (amount: bigint, ppm: bigint): bigint => (amount * ppm) / MILLION;
export const halfUpShare = (amount: bigint, ppm: bigint): bigint => (amount * ppm * 2n + MILLION) / (2n * MILLION);
export const upShare = (amount: bigint, ppm: bigint): bigint => (amount * ppm + MILLION - 1n) / MILLION;
