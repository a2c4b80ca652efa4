import { expect, test, vi } from 'vitest';
import { PERP, SPOT } from '../../sim/support/simulate.js';
import { overLoopback } from './support/loopback.js';
import { NEWS, subscribed } from './support/subscribed.js';

const CODE = 'USDT';

test('unmodified ccxt.pro.upbit: book, ticker, trades, candles, orders, own trades and balance', async () => {
  await overLoopback(async ({ upbit, simulation }) => {
    const client = upbit();
    await client.loadHttpProxyAgent();
    const book = await client.watchOrderBook(SPOT);
    expect([book.bids.length, book.asks.length]).toEqual([15, 15]);
    expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
    expect((await client.watchTicker(SPOT)).last).toBeCloseTo(130_000_000, -5);
    expect((await client.watchTrades(SPOT))[0]).toMatchObject({ symbol: SPOT });
    expect((await client.watchOHLCV(SPOT, '1s')).length).toBe(6);

    const orders = client.watchOrders(SPOT);
    const mine = client.watchMyTrades(SPOT);
    const balance = client.watchBalance();
    await subscribed(client, 2);
    const sent = await client.createOrder(SPOT, 'limit', 'buy', 0.01, 131_000_000, { clientOrderId: 'a-1', timeInForce: 'IOC' });
    expect((await orders).at(-1)).toMatchObject({ id: sent.id, symbol: SPOT, side: 'buy' });
    expect((await mine).at(-1)).toMatchObject({ order: sent.id, amount: 0.01 });
    // The first news of the account is what the order holds; the next ones are the trade.
    await balance;
    await vi.waitFor(() => {
      expect((client.balance as unknown as Record<string, { free: number }>)['BTC']?.free).toBe(0.01);
      expect(client.orders?.at(-1)).toMatchObject({ id: sent.id, status: 'closed', filled: 0.01 });
    }, NEWS);
    expect(Number(simulation.balance('upbit', 'BTC'))).toBe(1_000_000);
  });
}, 20_000);

test('unmodified ccxt.pro.binanceusdm: book, ticker, mark, trades, candles, orders, own trades, balance and positions', async () => {
  await overLoopback(async ({ binance, simulation }) => {
    const client = binance();
    await client.loadHttpProxyAgent();
    const [ticker, mark, trades, candles, bidsAsks] = await Promise.all([
      client.watchTicker(PERP),
      client.watchMarkPrice(PERP),
      client.watchTrades(PERP),
      client.watchOHLCV(PERP, '1m'),
      client.watchBidsAsks([PERP]),
    ]);
    expect([ticker.last, mark.markPrice]).toEqual([89_500, 89_500]);
    expect(trades[0]).toMatchObject({ symbol: PERP });
    expect(candles.at(-1)?.[4]).toBe(89_500);
    expect(bidsAsks[PERP]?.bid).toBeLessThan(Number(bidsAsks[PERP]?.ask));

    const book = await client.watchOrderBook(PERP);
    expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
    const orders = client.watchOrders(PERP);
    const mine = client.watchMyTrades(PERP);
    const balance = client.watchBalance();
    expect(await client.watchPositions([PERP])).toEqual([]);
    const position = client.watchPositions([PERP]);
    await subscribed(client, 2);
    const moved = client.watchOrderBook(PERP);
    const sent = await client.createOrder(PERP, 'market', 'sell', 0.05, undefined, { clientOrderId: 'b-1' });
    expect((await orders).at(-1)).toMatchObject({ id: sent.id, clientOrderId: 'b-1', symbol: PERP });
    expect((await mine).at(-1)).toMatchObject({ order: sent.id, amount: 0.05, takerOrMaker: 'taker' });
    expect((await position)[0]).toMatchObject({ symbol: PERP, side: 'short', contracts: 0.05 });
    const total = (await balance)[CODE]?.total;
    expect(total).toBeLessThan(30_000);
    expect(total).toBe(Number(simulation.balance('binance', CODE)) / 1e8);
    await vi.waitFor(() => expect(client.orders?.at(-1)).toMatchObject({ status: 'closed', filled: 0.05 }), NEWS);
    // What we took is missing from the best bid that the stream shows.
    const shown = await moved;
    const now = await client.fetchOrderBook(PERP, 1_000);
    expect(shown.bids[0]?.[0]).toBe(now.bids[0]?.[0]);
  });
}, 20_000);

test('ccxt.pro after a cut: the pending call fails with NetworkError, and the next one connects again', async () => {
  await overLoopback(async ({ upbit, binance, streams, enter, met }) => {
    const [u, b] = [upbit(), binance()];
    await Promise.all([u.loadHttpProxyAgent(), b.loadHttpProxyAgent()]);
    await Promise.all([u.watchOrderBook(SPOT), b.watchMarkPrice(PERP)]);
    const cut = { kind: 'stream', action: 'disconnect', for: 1_000 as never, count: undefined, channels: undefined } as const;
    const pending = [u.watchOrderBook(SPOT), b.watchMarkPrice(PERP)].map((each) =>
      each.then(
        () => 'came',
        (error: Error) => error.constructor.name,
      ),
    );
    enter(() => {
      for (const venue of ['upbit', 'binance'] as const) streams.strike(`cut-${venue}`, cut, venue);
    });
    expect(await Promise.all(pending)).toEqual(['NetworkError', 'NetworkError']);
    expect(new Set(met)).toEqual(new Set(['cut-upbit', 'cut-binance']));
    const refused = await u.watchOrderBook(SPOT).then(
      () => 'came',
      (error: Error) => error.constructor.name,
    );
    expect(refused).toBe('NetworkError');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect((await u.watchOrderBook(SPOT)).bids.length).toBe(15);
    expect((await b.watchMarkPrice(PERP)).markPrice).toBe(89_500);
  });
}, 20_000);
