import { describe, expect, test } from 'vitest';
import { fixed, type Btc } from '../../src/core/money.js';
import { epochMs, type Leg, type Side } from '../../src/core/units.js';
import { type CallNames, FlowTruth } from '../../src/sim/flow-truth.js';

/** A lot of the perpetual, in 1e-8 BTC. */
const LOT = 100_000n;
const NOW = 1_000_000;

interface Trade {
  readonly leg: Leg;
  readonly side: Side;
  readonly lots: bigint;
  /** Nobody expects it, and so long ago, in seconds. */
  readonly unforeseenAgo?: number;
}

const hedge: readonly Trade[] = [
  { leg: 'spot', side: 'buy', lots: 50n },
  { leg: 'perp', side: 'sell', lots: 50n },
];
const copy = (unforeseenAgo: number): Trade => ({ leg: 'perp', side: 'sell', lots: 50n, unforeseenAgo });
const takenOff: Trade = { leg: 'perp', side: 'buy', lots: 50n };

describe('what no client need know of yet', () => {
  test.each<{ name: string; trades: readonly Trade[]; unseen: Record<Leg, bigint> }>([
    { name: 'legs that are even: nothing', trades: hedge, unseen: { spot: 0n, perp: 0n } },
    { name: 'a copy of late', trades: [...hedge, copy(10)], unseen: { spot: 0n, perp: -50n } },
    { name: 'two copies of late', trades: [...hedge, copy(20), copy(10)], unseen: { spot: 0n, perp: -100n } },
    { name: 'a copy that was taken off: nothing', trades: [...hedge, copy(10), takenOff], unseen: { spot: 0n, perp: 0n } },
    {
      name: 'a copy behind one that was taken off: the second alone',
      trades: [...hedge, copy(60), takenOff, copy(10)],
      unseen: { spot: 0n, perp: -50n },
    },
    { name: 'a copy that a monitor has had two minutes for: nothing, it is naked', trades: [...hedge, copy(120)], unseen: { spot: 0n, perp: 0n } },
    {
      name: 'a sale after its end, of late',
      trades: [...hedge, { leg: 'spot', side: 'sell', lots: 20n, unforeseenAgo: 5 }],
      unseen: { spot: -20n, perp: 0n },
    },
    {
      name: 'a leg that the copy does not explain: nothing, it is naked',
      trades: [...hedge, copy(10), { leg: 'spot', side: 'buy', lots: 7n }],
      unseen: { spot: 0n, perp: 0n },
    },
  ])('$name', ({ trades, unseen }) => {
    const truth = new FlowTruth();
    for (const { leg, side, lots, unforeseenAgo } of trades)
      if (unforeseenAgo === undefined) truth.traded(leg, side, lots * LOT, 0);
      else truth.unforeseen(leg, side, lots * LOT, epochMs(NOW - unforeseenAgo * 1_000));
    expect(truth.unseen(LOT, epochMs(NOW))).toEqual({ spot: unseen.spot * LOT, perp: unseen.perp * LOT });
  });
});

test.each([
  { name: 'while its flow runs, however long', endedAgo: undefined, isUnseen: true },
  { name: 'until two minutes after the end of its flow', endedAgo: 119, isUnseen: true },
  { name: 'no longer', endedAgo: 120, isUnseen: false },
])('a copy that no client need know of: $name', ({ endedAgo, isUnseen }) => {
  const truth = new FlowTruth();
  const flow = truth.begin('enter', fixed<Btc>(50n * LOT));
  for (const { leg, side, lots } of hedge) truth.traded(leg, side, lots * LOT, flow);
  truth.unforeseen('perp', 'sell', 50n * LOT, epochMs(NOW - 300_000));
  if (endedAgo !== undefined) truth.end(flow, epochMs(NOW - endedAgo * 1_000));
  expect(truth.unseen(LOT, epochMs(NOW)).perp).toBe(isUnseen ? -50n * LOT : 0n);
});

test.each([
  { name: 'a copy besides the order', isOnlyOne: false, purpose: 'open' },
  { name: 'a copy of a request that was refused', isOnlyOne: true, purpose: 'hedge' },
])('$name on the other leg: a buy of spot is for $purpose', ({ isOnlyOne, purpose }) => {
  const truth = new FlowTruth();
  const flow = truth.begin('enter', fixed<Btc>(50n * LOT));
  truth.unforeseen('perp', 'sell', 50n * LOT, epochMs(NOW), isOnlyOne ? flow : undefined);
  expect(truth.place({ venue: 'upbit', method: 'createOrder', leg: 'spot', side: 'buy' }, 0, 0).purpose).toBe(purpose);
  expect(truth.unseen(LOT, epochMs(NOW)).perp).toBe(-50n * LOT);
});

describe('which flow an order belongs to', () => {
  interface Create {
    readonly leg: Leg;
    readonly side: Side;
  }
  const buysSpot: Create = { leg: 'spot', side: 'buy' };
  const sellsSpot: Create = { leg: 'spot', side: 'sell' };
  const buysPerp: Create = { leg: 'perp', side: 'buy' };

  test.each<{ name: string; kind: 'enter' | 'exit'; before: readonly Create[]; create: Create; flow: number; purpose: string }>([
    { name: 'what an entry opens', kind: 'enter', before: [], create: buysSpot, flow: 1, purpose: 'open' },
    { name: 'what is taken off before an entry has sent anything', kind: 'enter', before: [], create: buysPerp, flow: 0, purpose: 'repair' },
    { name: 'what an entry takes off behind its first order', kind: 'enter', before: [buysSpot], create: sellsSpot, flow: 1, purpose: 'rollback' },
    { name: 'what an exit closes', kind: 'exit', before: [], create: buysPerp, flow: 1, purpose: 'close' },
  ])('$name: flow $flow, $purpose', ({ kind, before, create, flow, purpose }) => {
    const truth = new FlowTruth();
    truth.begin(kind, fixed<Btc>(50n * LOT));
    const call = ({ leg, side }: Create): CallNames => ({ venue: leg === 'spot' ? 'upbit' : 'binance', method: 'createOrder', leg, side });
    for (const earlier of before) truth.place(call(earlier), 0, 0);
    expect(truth.place(call(create), 0, 0)).toMatchObject({ flow, purpose });
  });
});
