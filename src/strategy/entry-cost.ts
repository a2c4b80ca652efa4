import { toNumber } from '../core/money.js';
import type { Btc } from '../core/money.js';
import type { EnterSignal } from './strategy.js';

/** What the four takings of a round trip cost; basis points of the notional, fees in parts per million of it. */
export interface RoundTripCostInput {
  readonly quantity: Btc;
  /** Cost of taking `quantity` once against the mid (half the spread and the impact); undefined: the calibrated book. */
  readonly upbitTakeBp?: number | undefined;
  readonly binanceTakeBp?: number | undefined;
  readonly upbitFeePpm: bigint;
  readonly binanceFeePpm: bigint;
}

/** BTC taken and what it cost against mid, from the recorded books (data README, "More to calibrate on"). */
const TAKE_COSTS_BP = {
  upbit: [
    [0.1, 0.4],
    [0.5, 0.63],
    [1, 1.14],
  ],
  binance: [
    [1, 0.06],
    [5, 0.16],
  ],
} as const;

/**
 * Cost of taking `quantity` from the calibrated book, in basis points against mid: linear between the measured
 * sizes, that of the smallest below them, and the last slope beyond.
 */
export function takeCostBp(venue: 'upbit' | 'binance', quantity: Btc): number {
  const points = TAKE_COSTS_BP[venue];
  const size = toNumber(quantity);
  const [smallest] = points;
  if (size <= smallest[0]) return smallest[1];
  const right = points.findIndex(([btc]) => size <= btc);
  const index = right === -1 ? points.length - 1 : right;
  const [fromBtc, fromBp] = points[index - 1] ?? smallest;
  const [toBtc, toBp] = points[index] ?? smallest;
  return fromBp + ((size - fromBtc) / (toBtc - fromBtc)) * (toBp - fromBp);
}

/**
 * Modelled cost of opening and closing one hedge, as a fraction of its notional: fees and taking, twice on
 * each venue. It knows nothing of legging, repairs, funding or rates of exchange.
 */
export function roundTripCost({ quantity, upbitTakeBp, binanceTakeBp, upbitFeePpm, binanceFeePpm }: RoundTripCostInput): number {
  const takeBp = (upbitTakeBp ?? takeCostBp('upbit', quantity)) + (binanceTakeBp ?? takeCostBp('binance', quantity));
  const feePpm = Number(upbitFeePpm + binanceFeePpm);
  return 2 * (takeBp / 10_000 + feePpm / 1_000_000);
}

/**
 * Whether the reversion that the signal expects pays for the round trip with `margin` to spare; all are
 * fractions of the notional. The driver asks again just before sending and counts the refusals.
 */
export function entryIsWorth(signal: EnterSignal, cost: number, margin: number): boolean {
  return signal.expectedReversion >= cost + margin;
}
