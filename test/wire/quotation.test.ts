import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { START, worldWith } from '../sim/support/world.js';
import { seated } from './support/both-ways.js';
import { barAt, HOUR, MINUTE, pastBars, pastMarket } from './support/past.js';
import { wired, type WireBench } from './support/wire-bench.js';

type Row = Record<string, unknown>;
const UPBIT = 'https://api.upbit.com/v1';
const FAPI = 'https://fapi.binance.com/fapi';
const inThePast = <T>(act: (bench: WireBench) => Promise<T>): Promise<T> => wired(act, worldWith(), { market: pastMarket() });
const upbit = async ({ send }: WireBench, path: string): Promise<Row[]> =>
  JSON.parse((await send('upbit', { url: `${UPBIT}/${path}` })).body) as Row[];
const binance = async <T = Row>({ send }: WireBench, path: string): Promise<T> =>
  JSON.parse((await send('binance', { url: `${FAPI}/${path}` })).body) as T;

test('Upbit ticker: the day since midnight UTC and the last 24 hours are those of the bars', async () => {
  const bars = pastBars();
  const [btc, usdt] = await inThePast((bench) => upbit(bench, 'ticker/all?quote_currencies=KRW'));
  const closed = (from: number) =>
    Array.from({ length: (START - from) / MINUTE }, (_, index) => barAt(bars, 'upbit', from + (index + 1) * MINUTE)).filter(
      (bar) => bar !== undefined,
    );
  const today = closed(START - HOUR);
  const ever = closed(START - 401 * MINUTE);
  const before = barAt(bars, 'upbit', START - HOUR);
  expect(btc).toMatchObject({
    market: 'KRW-BTC',
    opening_price: today[0]?.o,
    high_price: Math.max(...today.map(({ h }) => h)),
    low_price: Math.min(...today.map(({ l }) => l)),
    prev_closing_price: before?.c,
    highest_52_week_price: Math.max(...ever.map(({ h }) => h)),
    lowest_52_week_price: Math.min(...ever.map(({ l }) => l)),
    trade_date: '20250903',
    trade_time_kst: '100000',
  });
  const change = Number(btc?.['trade_price']) - Number(before?.c);
  expect(btc).toMatchObject({ signed_change_price: change, change_price: Math.abs(change), change: change > 0 ? 'RISE' : 'FALL' });
  const volume = (rows: typeof ever): number => rows.reduce((sum, { v }) => sum + v, 0);
  expect(btc?.['acc_trade_volume']).toBeCloseTo(volume(today), 1);
  expect(btc?.['acc_trade_volume_24h']).toBeCloseTo(volume(ever), 1);
  expect(usdt).toMatchObject({ market: 'KRW-USDT', trade_price: expect.any(Number) as number });
});

test('Upbit book: levels, groups of prices, ticks, and markets that it does not have', async () => {
  const { all, one, grouped, strange, instruments, levels, elsewhere, both } = await wired(async (bench) => ({
    all: (await upbit(bench, 'orderbook?markets=KRW-BTC'))[0],
    one: (await upbit(bench, 'orderbook?markets=KRW-BTC&count=1'))[0],
    grouped: (await upbit(bench, 'orderbook?markets=KRW-BTC&level=100000'))[0],
    strange: await upbit(bench, 'orderbook?markets=KRW-BTC&level=777'),
    instruments: await upbit(bench, 'orderbook/instruments?markets=KRW-BTC'),
    levels: await upbit(bench, 'orderbook/supported_levels?markets=KRW-BTC'),
    elsewhere: await upbit(bench, 'ticker?markets=KRW-BTC,KRW-ETH'),
    both: await upbit(bench, 'ticker?markets=KRW-BTC,KRW-BTC'),
  }));
  const units = (book: Row | undefined): Record<string, number>[] => (book?.['orderbook_units'] ?? []) as Record<string, number>[];
  const sum = (book: Row | undefined, name: string): number => units(book).reduce((total, unit) => total + (unit[name] ?? 0), 0);
  expect([units(all).length, units(one).length]).toEqual([30, 1]);
  for (const book of [all, one, grouped]) {
    expect(book?.['total_ask_size']).toBeCloseTo(sum(book, 'ask_size'), 8);
    expect(book?.['total_bid_size']).toBeCloseTo(sum(book, 'bid_size'), 8);
  }
  for (const { ask_price: ask = 1, bid_price: bid = 1 } of units(grouped)) expect([ask % 100_000, bid % 100_000]).toEqual([0, 0]);
  // A group is named after its farther end: what it holds is at that price or better.
  expect(units(grouped)[0]?.['ask_price']).toBe(Math.ceil((units(all)[0]?.['ask_price'] ?? 0) / 100_000) * 100_000);
  expect(units(grouped)[0]?.['bid_price']).toBe(Math.floor((units(all)[0]?.['bid_price'] ?? 0) / 100_000) * 100_000);
  expect(strange).toEqual([]);
  expect(instruments).toMatchObject([{ market: 'KRW-BTC', quote_currency: 'KRW', tick_size: '1000' }]);
  expect(levels).toMatchObject([{ market: 'KRW-BTC', supported_levels: [0, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000] }]);
  expect(elsewhere).toEqual({ error: { name: 404, message: 'Code not found' } });
  expect(both).toHaveLength(2);
});

test('Binance tickers: one market or a list of them, what each weighs, and the last 24 hours of the bars', async () => {
  const bars = pastBars();
  const { day, list, price, prices, top, depth, weight } = await inThePast(async (bench) => ({
    day: await binance(bench, 'v1/ticker/24hr?symbol=BTCUSDT'),
    list: await binance<Row[]>(bench, 'v1/ticker/24hr'),
    price: await binance(bench, 'v1/ticker/price?symbol=BTCUSDT'),
    prices: await binance<Row[]>(bench, 'v2/ticker/price'),
    top: await binance(bench, 'v1/ticker/bookTicker?symbol=BTCUSDT'),
    depth: await binance<{ bids: string[][]; asks: string[][] }>(bench, 'v1/depth?symbol=BTCUSDT&limit=5'),
    weight: (await bench.send('binance', { url: `${FAPI}/v1/premiumIndex` })).headers['x-mbx-used-weight-1m'],
  }));
  const rows = Array.from({ length: 401 }, (_, index) => barAt(bars, 'binance', START - index * MINUTE)).filter((bar) => bar !== undefined);
  expect(day).toMatchObject({ highPrice: Math.max(...rows.map(({ h }) => h)).toFixed(2), lowPrice: Math.min(...rows.map(({ l }) => l)).toFixed(2) });
  expect(Number(day['volume'])).toBeCloseTo(
    rows.reduce((sum, { v }) => sum + v, 0),
    0,
  );
  expect(Number(day['priceChange'])).toBeCloseTo(Number(day['lastPrice']) - Number(day['openPrice']), 6);
  expect(list).toMatchObject([{ symbol: 'BTCUSDT', openPrice: day['openPrice'] }]);
  expect(prices).toMatchObject([{ symbol: 'BTCUSDT' }]);
  expect(Number(price['price'])).toBeCloseTo(Number(day['lastPrice']), -2);
  expect(Number(top['bidPrice'])).toBeLessThan(Number(top['askPrice']));
  expect(Number(depth.bids[0]?.[0])).toBeCloseTo(Number(top['bidPrice']), -1);
  // 1 + 40 + 1 + 2 + 2 + 2 + 10
  expect(weight).toBe('58');
});

test('real ccxt reads the tickers of both venues; a last price is the very one of before', async () => {
  interface More {
    fetchTickers(symbols?: string[]): Promise<Record<string, Row>>;
  }
  const more = (client: unknown): More => client as More;
  const { value } = await seated('ccxt', { market: pastMarket() }, async ({ upbit: spot, binance: perp, clock }) => {
    const tickers = [(await more(spot).fetchTickers())['BTC/KRW'], (await more(perp).fetchTickers())['BTC/USDT:USDT']];
    await clock.sleep(durationMs(1_000));
    return tickers;
  });
  for (const ticker of value)
    expect(ticker).toMatchObject({ high: expect.any(Number) as number, low: expect.any(Number) as number, last: expect.any(Number) as number });
});
