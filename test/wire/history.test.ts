import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { START, worldWith } from '../sim/support/world.js';
import { seated } from './support/both-ways.js';
import { barAt, FUNDING, GAP, HOUR, MINUTE, pastBars, pastMarket } from './support/past.js';
import { wired, type WireBench } from './support/wire-bench.js';

const UPBIT = 'https://api.upbit.com/v1';
const FAPI = 'https://fapi.binance.com/fapi/v1';
type Row = Record<string, number | string>;

/** Calls of real ccxt that no executor makes. */
interface Readers {
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number): Promise<number[][]>;
  fetchFundingRateHistory(symbol: string): Promise<unknown[]>;
  fetchTrades(symbol: string, since?: number, limit?: number): Promise<unknown[]>;
}

const readerOf = (client: unknown): Readers => client as Readers;

const inThePast = <T>(act: (bench: WireBench) => Promise<T>): Promise<T> => wired(act, worldWith(), { market: pastMarket() });
const upbit = async ({ send }: WireBench, path: string): Promise<Row[]> =>
  JSON.parse((await send('upbit', { url: `${UPBIT}/${path}` })).body) as Row[];
const binance = async <T = (string | number)[][]>({ send }: WireBench, path: string): Promise<T> =>
  JSON.parse((await send('binance', { url: `${FAPI}/${path}` })).body) as T;
const utc = (at: number): string => new Date(at).toISOString().slice(0, 19);

test('Upbit minutes: the bars of the data to the won, newest first, none of them from later than now, none in the gap', async () => {
  const bars = pastBars();
  const rows = await inThePast((bench) => upbit(bench, 'candles/minutes/1?market=KRW-BTC&count=200'));
  const starts = rows.map((row) => Date.parse(`${row['candle_date_time_utc']}Z`));
  // The first row of the data closes a candle; of the present minute the request saw the first 20 ms.
  const expected: number[] = [START];
  for (let start = START - MINUTE; start >= START - 401 * MINUTE; start -= MINUTE)
    if (start < GAP.from || start >= GAP.to - MINUTE) expected.push(start);
  expect(starts).toEqual(expected.slice(0, 200));
  for (const row of rows.slice(1)) {
    const start = Date.parse(`${row['candle_date_time_utc']}Z`);
    const bar = barAt(bars, 'upbit', start + MINUTE);
    expect(row).toMatchObject({ opening_price: bar?.o, high_price: bar?.h, low_price: bar?.l, trade_price: bar?.c, candle_acc_trade_volume: bar?.v });
  }
  expect(Object.keys(rows[0] ?? {})).toEqual([
    ...['market', 'candle_date_time_utc', 'candle_date_time_kst', 'opening_price', 'high_price', 'low_price', 'trade_price'],
    ...['timestamp', 'candle_acc_trade_price', 'candle_acc_trade_volume', 'unit'],
  ]);
  expect(rows[1]).toMatchObject({ candle_date_time_kst: utc(START - MINUTE + 9 * HOUR), unit: 1 });
});

test('Upbit: `to` is exclusive in each of its forms, more than 200 are cut without a word, nonsense is refused', async () => {
  const answers = await inThePast(async (bench) => {
    const first = async (query: string): Promise<unknown> => {
      const rows = await upbit(bench, `candles/minutes/1?market=KRW-BTC${query}`);
      await bench.clock.sleep(durationMs(200));
      return Array.isArray(rows) ? [rows.length, rows[0]?.['candle_date_time_utc']] : (rows as { error: { name: number } }).error.name;
    };
    return [
      await first('&to=2025-09-03T00:30:00Z'),
      await first('&to=2025-09-03%2000:30:00'),
      await first('&to=2025-09-03T09:30:00%2B09:00'),
      await first('&to=2025-09-03T00:30:30Z'),
      await first('&count=1000&to=2025-09-03T00:30:00Z'),
      await first('&count=0'),
      await first('&count=ten'),
      await first('&to=yesterday'),
      await first('&to=2020-01-01T00:00:00Z'),
    ];
  });
  const at = (minutes: number): string => utc(START - 30 * MINUTE + minutes * MINUTE);
  expect(answers).toEqual([[1, at(-1)], [1, at(-1)], [1, at(-1)], [1, at(0)], [200, at(-1)], 400, 400, 400, [0, undefined]]);
});

test('Upbit: a coarser candle is made of its minutes, the one under way of what has traded so far', async () => {
  const bars = pastBars();
  const { hours, days, weeks, months } = await inThePast(async (bench) => {
    await bench.clock.sleep(durationMs(10 * MINUTE));
    return {
      hours: await upbit(bench, 'candles/minutes/60?market=KRW-BTC&count=3'),
      days: await upbit(bench, 'candles/days?market=KRW-BTC&count=2&converting_price_unit=KRW'),
      weeks: await upbit(bench, 'candles/weeks?market=KRW-BTC'),
      months: await upbit(bench, 'candles/months?market=KRW-BTC'),
    };
  });
  const closed = (from: number, to: number) =>
    Array.from({ length: (to - from) / MINUTE }, (_, index) => barAt(bars, 'upbit', from + (index + 1) * MINUTE)).filter((bar) => bar !== undefined);
  const whole = closed(START - HOUR, START);
  expect(hours[1]).toMatchObject({
    candle_date_time_utc: utc(START - HOUR),
    opening_price: whole[0]?.o,
    high_price: Math.max(...whole.map(({ h }) => h)),
    low_price: Math.min(...whole.map(({ l }) => l)),
    trade_price: whole.at(-1)?.c,
  });
  expect(hours[1]?.['candle_acc_trade_volume']).toBeCloseTo(
    whole.reduce((sum, { v }) => sum + v, 0),
    6,
  );
  // Ten minutes of the hour have been; what the data knows of the other fifty stays unsaid.
  const begun = closed(START, START + 10 * MINUTE);
  expect(hours[0]).toMatchObject({ candle_date_time_utc: utc(START), high_price: Math.max(...begun.map(({ h }) => h)) });
  expect(hours[0]?.['candle_acc_trade_volume']).toBeCloseTo(
    begun.reduce((sum, { v }) => sum + v, 0),
    0,
  );
  expect(days.map((row) => [row['candle_date_time_utc'], row['prev_closing_price']])).toEqual([
    ['2025-09-03T00:00:00', days[1]?.['trade_price']],
    ['2025-09-02T00:00:00', days[1]?.['opening_price']],
  ]);
  const change = Number(days[0]?.['trade_price']) - Number(days[1]?.['trade_price']);
  expect(days[0]).toMatchObject({ change_price: change, converted_trade_price: days[0]?.['trade_price'] });
  expect(days[0]?.['change_rate']).toBeCloseTo(change / Number(days[1]?.['trade_price']), 9);
  expect(weeks[0]).toMatchObject({ candle_date_time_utc: '2025-09-01T00:00:00', first_day_of_period: '2025-09-01' });
  expect(months[0]).toMatchObject({ candle_date_time_utc: '2025-09-01T00:00:00', opening_price: weeks[0]?.['opening_price'] });
});

test('Binance klines: the bars of the data, oldest first, by start, by end, by neither; and what they weigh', async () => {
  const bars = pastBars();
  const { latest, from, until, weights } = await inThePast(async (bench) => {
    const weigh = async (limit: string): Promise<string | undefined> =>
      (await bench.send('binance', { url: `${FAPI}/klines?symbol=BTCUSDT&interval=1m${limit}` })).headers['x-mbx-used-weight-1m'];
    return {
      latest: await binance(bench, 'klines?symbol=BTCUSDT&interval=1m&limit=3'),
      from: await binance(bench, `klines?symbol=BTCUSDT&interval=1m&startTime=${GAP.from - 90_000}&limit=4`),
      until: await binance(bench, `klines?symbol=BTCUSDT&interval=1m&endTime=${START - 10 * MINUTE}&limit=2`),
      weights: [await weigh('&limit=99'), await weigh('&limit=499'), await weigh(''), await weigh('&limit=1500')],
    };
  });
  expect(latest.map(([start]) => start)).toEqual([START - 2 * MINUTE, START - MINUTE, START]);
  const bar = barAt(bars, 'binance', START);
  expect(latest[1]).toEqual([
    START - MINUTE,
    ...[bar?.o, bar?.h, bar?.l, bar?.c].map((price) => price?.toFixed(2)),
    bar?.v.toFixed(3),
    START - 1,
    expect.stringMatching(/^\d+\.\d{5}$/),
    60,
    expect.any(String),
    expect.any(String),
    '0',
  ]);
  // The gap has no klines: the candle before it is followed by the one that closes as it ends.
  expect(from.map(([start]) => start)).toEqual([GAP.from - MINUTE, GAP.to - MINUTE, GAP.to, GAP.to + MINUTE]);
  expect(until.map(([start]) => start)).toEqual([START - 11 * MINUTE, START - 10 * MINUTE]);
  expect(weights).toEqual(['4', '6', '11', '21']);
});

test('Binance funding: what has been settled, never what is to come; with the mark of then', async () => {
  const bars = pastBars();
  const { before, all, later, index } = await inThePast(async (bench) => {
    const all = await binance<Row[]>(bench, 'fundingRate?symbol=BTCUSDT');
    const before = await binance<Row[]>(bench, `fundingRate?symbol=BTCUSDT&endTime=${START - 2 * HOUR}`);
    const index = await binance<Row>(bench, 'premiumIndex?symbol=BTCUSDT');
    await bench.clock.sleep(durationMs(30 * MINUTE));
    return { all, before, later: await binance<Row[]>(bench, `fundingRate?symbol=BTCUSDT&startTime=${START}`), index };
  });
  expect(all).toEqual([{ symbol: 'BTCUSDT', fundingTime: FUNDING[0]?.at, fundingRate: '0.00010000', markPrice: expect.any(String) as string }]);
  expect(Number(all[0]?.['markPrice'])).toBeCloseTo(bars.binanceUsdt[bars.time.indexOf(START - HOUR)] ?? 0, 6);
  expect([before, later]).toEqual([[], []]);
  expect(index).toMatchObject({ nextFundingTime: FUNDING[1]?.at, lastFundingRate: '0.00010000' });
});

test.each<[path: string, code: number]>([
  ['klines?interval=1m', -1102],
  ['klines?symbol=ETHUSDT&interval=1m', -1121],
  ['klines?symbol=BTCUSDT', -1120],
  ['klines?symbol=BTCUSDT&interval=7m', -1120],
  ['klines?symbol=BTCUSDT&interval=1m&limit=1501', -1130],
  ['klines?symbol=BTCUSDT&interval=1m&limit=ten', -1100],
  [`klines?symbol=BTCUSDT&interval=1m&startTime=${START}&endTime=${START - 1}`, -1023],
  ['indexPriceKlines?symbol=BTCUSDT&interval=1m', -1102],
  [`aggTrades?symbol=BTCUSDT&startTime=${START - 2 * HOUR}&endTime=${START}`, -1127],
  ['aggTrades?symbol=BTCUSDT&limit=1001', -1130],
  ['fundingRate?symbol=ETHUSDT', -1121],
])('Binance, %s: %i', async (path, code) => {
  const answer = await inThePast(async (bench) => binance<{ code: number }>(bench, path));
  expect(answer.code).toBe(code);
});

test('trades: one a second at the market, pages join without a hole, and our own fill is among them', async () => {
  const { ours, page, all, upbitPage, older } = await inThePast(async (bench) => {
    await bench.clock.sleep(durationMs(5_000));
    const all = await binance<Row[]>(bench, `aggTrades?symbol=BTCUSDT&startTime=${START - 60_000}&endTime=${START}`);
    const page = await binance<Row[]>(bench, `aggTrades?symbol=BTCUSDT&fromId=${all[10]?.['a'] ?? 0}&limit=5`);
    const upbitPage = await upbit(bench, 'trades/ticks?market=KRW-BTC&count=5');
    const older = await upbit(bench, `trades/ticks?market=KRW-BTC&count=5&cursor=${upbitPage[2]?.['sequential_id'] ?? 0}`);
    return { all, page, upbitPage, older, ours: await binance<Row[]>(bench, 'trades?symbol=BTCUSDT&limit=2') };
  });
  expect(all).toHaveLength(60);
  expect(page.map(({ a }) => a)).toEqual(all.slice(10, 15).map(({ a }) => a));
  expect(older.slice(0, 2)).toEqual(upbitPage.slice(3, 5));
  expect(upbitPage.every((row, index) => index === 0 || Number(row['timestamp']) < Number(upbitPage[index - 1]?.['timestamp']))).toBe(true);
  expect(ours).toHaveLength(2);
});

test('real ccxt reads candles, funding and trades of both venues as the data has them', async () => {
  const bars = pastBars();
  const { value } = await seated('ccxt', { market: pastMarket(bars) }, async ({ upbit: spot, binance: perp, clock }) => {
    const [u, b] = [readerOf(spot), readerOf(perp)];
    const spotCandles = await u.fetchOHLCV('BTC/KRW', '1m', START - 10 * MINUTE, 5);
    const perpCandles = await b.fetchOHLCV('BTC/USDT:USDT', '1m', START - 10 * MINUTE, 5);
    await clock.sleep(durationMs(1_000));
    return {
      spotCandles,
      perpCandles,
      usdt: await u.fetchOHLCV('USDT/KRW', '1m', START - 10 * MINUTE, 5),
      funding: await b.fetchFundingRateHistory('BTC/USDT:USDT'),
      spotTrades: await u.fetchTrades('BTC/KRW', undefined, 20),
      perpTrades: await b.fetchTrades('BTC/USDT:USDT', undefined, 20),
    };
  });
  for (const [leg, candles] of [
    ['upbit', value.spotCandles],
    ['binance', value.perpCandles],
  ] as const) {
    expect(candles.map(([time]) => time)).toEqual([10, 9, 8, 7, 6].map((minutes) => START - minutes * MINUTE));
    for (const [time, ...figures] of candles) {
      const bar = barAt(bars, leg, (time ?? 0) + MINUTE);
      expect(figures).toEqual([bar?.o, bar?.h, bar?.l, bar?.c, Number(bar?.v.toFixed(leg === 'binance' ? 3 : 8))]);
    }
  }
  expect(value.usdt.map(([, , , , close]) => close)).toEqual(
    [9, 8, 7, 6, 5].map((minutes) => bars.usdtKrw[bars.time.indexOf(START - minutes * MINUTE)]),
  );
  expect(value.funding).toMatchObject([{ symbol: 'BTC/USDT:USDT', fundingRate: 0.0001, timestamp: START - HOUR }]);
  expect([value.spotTrades.length, value.perpTrades.length]).toEqual([20, 20]);
  for (const trade of value.perpTrades) expect(trade).toMatchObject({ symbol: 'BTC/USDT:USDT', price: expect.any(Number) as number });
});
