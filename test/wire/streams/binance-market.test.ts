import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BINANCE_SYMBOL } from '../../../src/sim/binance-order.js';
import { PERP } from '../../sim/support/simulate.js';
import { movingMarket } from '../../sim/support/moving-market.js';
import { streaming, type Ear, type StreamBench } from './support/stream-bench.js';

type Level = [string, string];
interface Depth {
  readonly U: number;
  readonly u: number;
  readonly pu: number;
  readonly b: Level[];
  readonly a: Level[];
}

const wobble = movingMarket({ perp: (ms) => 89_500 + Math.round(Math.sin(ms / 700) * 40) / 10 + (ms % 300) / 100 });

test('the keys of every market stream are the documented ones', async () => {
  const expected: Record<string, string> = {
    depthUpdate: 'E T U a b e pu s u',
    bookTicker: 'A B E T a b e s u',
    aggTrade: 'E T a e f l m nq p q s',
    trade: 'E T X e m p q s t',
    markPriceUpdate: 'E P T ap e i p r s',
    kline: 'E e k s',
    '24hrTicker': 'C E F L O P Q c e h l n o p q s v w',
    '24hrMiniTicker': 'E c e h l o q s v',
  };
  await streaming(
    async ({ open, wait }) => {
      const names = ['depth@100ms', 'depth5@100ms', 'bookTicker', 'aggTrade', 'trade', 'markPrice@1s', 'kline_1m', 'ticker', 'miniTicker'];
      const ear = open('binance', `/stream?streams=${names.map((name) => `btcusdt@${name}`).join('/')}`);
      await wait(5_000);
      const bodies = ear.heard.map((each) => each['data'] as Record<string, unknown>);
      const found = Object.fromEntries(bodies.map((body) => [String(body['e']), Object.keys(body).sort().join(' ')]));
      expect(found).toEqual(expected);
      expect(new Set(ear.heard.map((each) => each['stream']))).toEqual(new Set(names.map((name) => `btcusdt@${name}`)));
      for (const body of bodies) expect(body['s']).toBe(BINANCE_SYMBOL);
    },
    { market: wobble },
  );
});

/** What a careful client does (the venue's own instructions): buffer, snapshot, drop, check, apply. */
async function bookOf({ binance }: StreamBench, ear: Ear): Promise<{ apply(): void; sides(): { bids: Level[]; asks: Level[] } }> {
  const snapshot = await binance.fetchOrderBook(PERP, 1_000);
  const sides = { b: new Map<number, number>(), a: new Map<number, number>() };
  for (const [price, quantity] of snapshot.bids) sides.b.set(Number(price), Number(quantity));
  for (const [price, quantity] of snapshot.asks) sides.a.set(Number(price), Number(quantity));
  const nonce = Number(snapshot.nonce);
  let done = 0;
  let last: number | undefined;
  const apply = (): void => {
    const all = ear.of('depthUpdate') as unknown as Depth[];
    for (const diff of all.slice(done)) {
      done += 1;
      if (diff.u < nonce) continue;
      if (last === undefined) expect([diff.U <= nonce, diff.u >= nonce]).toEqual([true, true]);
      else expect(diff.pu).toBe(last);
      last = diff.u;
      for (const side of ['b', 'a'] as const)
        for (const [price, quantity] of diff[side])
          if (Number(quantity) === 0) sides[side].delete(Number(price));
          else sides[side].set(Number(price), Number(quantity));
    }
  };
  const listed = (side: Map<number, number>, sign: number): Level[] =>
    [...side].sort(([a], [b]) => sign * (a - b)).map(([price, quantity]): Level => [price.toFixed(2), quantity.toFixed(3)]);
  return { apply, sides: () => ({ bids: listed(sides.b, -1), asks: listed(sides.a, 1) }) };
}

describe('a book put together of a snapshot and the changes', () => {
  test.each([100, 250, 500])('is the venue’s book at the instant of each message, at %i ms, whatever is traded', async (rateMs) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 999 }),
        fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 700 }), lots: fc.integer({ min: 2, max: 3_000 }), buys: fc.boolean() }), {
          maxLength: 5,
        }),
        async (snapshotAfterMs, orders) => {
          await streaming(
            async (bench) => {
              const ear = bench.open('binance', `/public/ws/btcusdt@depth@${rateMs}ms`);
              await bench.wait(snapshotAfterMs);
              const book = await bookOf(bench, ear);
              for (const { afterMs, lots, buys } of orders) {
                await bench.wait(afterMs);
                await bench.binance.createOrder(PERP, 'market', buys ? 'buy' : 'sell', lots / 1_000, undefined, {}).catch(() => undefined);
              }
              await bench.wait(1_500);
              book.apply();
              const { u } = ear.of('depthUpdate').at(-1) as unknown as Depth;
              const truth = bench.simulation.streamSources.binance.liquidity.book(u as never);
              const text = (side: readonly { price: bigint; quantity: bigint }[]): Level[] =>
                side.map(({ price, quantity }): Level => [(Number(price) / 1e8).toFixed(2), (Number(quantity) / 1e8).toFixed(3)]);
              expect(book.sides()).toEqual({ bids: text(truth?.bids ?? []), asks: text(truth?.asks ?? []) });
            },
            { market: wobble },
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  test('a still book says nothing until we take from it', async () => {
    await streaming(async ({ open, wait, binance }) => {
      const ear = open('binance', '/public/ws/btcusdt@depth@100ms');
      await wait(3_000);
      expect(ear.heard).toEqual([]);
      await binance.createOrder(PERP, 'market', 'sell', 0.2, undefined, {});
      await wait(10_000);
      const [first] = ear.heard as unknown as Depth[];
      expect(first?.a).toEqual([]);
      expect(first?.b.length).toBeGreaterThan(0);
      // All of it is back after six seconds, and the sequence has no hole.
      const all = ear.heard as unknown as Depth[];
      for (const [index, diff] of all.entries()) if (index > 0) expect(diff.pu).toBe(all[index - 1]?.u);
      expect(ear.times.at(-1)).toBeLessThan(10_000);
    });
  });
});
