import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { normalFromUniform, RandomStreams } from '../../src/core/random.js';
import { epochMs } from '../../src/core/units.js';
import { loadBars, type LoadBarsOptions } from '../../src/market/load-bars.js';
import { tempFolder } from './temp-files.js';

const temp = await tempFolder();
const cacheDir = join(temp.dir, 'cache');
const load = (options: LoadBarsOptions): ReturnType<typeof loadBars> => loadBars({ cacheDir, ...options });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2025-09-03T10:00:00Z');
const ROWS = 400;

/** Closes of a made-up market, one a minute, the first one at START + 1 min. */
const walk = (name: string, start: number, sdBp: number): number[] => {
  const uniform = new RandomStreams(1).stream(name);
  let price = start;
  return Array.from({ length: ROWS }, () => (price *= 1 + sdBp * 1e-4 * normalFromUniform(uniform())));
};
const binance = walk('binance', 108_000, 5).map((price) => Math.round(price * 10) / 10);
const upbit = walk('upbit', 1, 2).map((noise, row) => Math.round(((binance[row] ?? 0) * noise * 1391.54 * 1.003) / 1000) * 1000);

const table = (rows: readonly number[] = [...upbit.keys()], fx: (row: number) => number = () => 1391.54): string =>
  `timestamp,upbit_krw,binance_usdt,usdkrw\n${rows.map((row) => `${START + (row + 1) * MINUTE},${upbit[row]},${binance[row]},${fx(row)}`).join('\n')}\n`;

/** Candles labelled by their open (or shifted), each from the close before to its own. */
const candles = (closes: readonly number[], shift = 0, factor = 1): string =>
  `timestamp,open,high,low,close,volume\n${closes
    .map((value, row) => {
      const [open, close] = [(closes[row - 1] ?? value) * factor, value * factor];
      return `${START + (row + shift) * MINUTE},${open},${Math.max(open, close)},${Math.min(open, close)},${close},${row + 1}`;
    })
    .join('\n')}\n`;

test('table of the user’s own: closes alone, premium computed, and what is not known is said', async () => {
  const { bars, notices } = await load({ data: await temp.file('mine.csv', table()) });
  expect(bars).toMatchObject({ length: ROWS, stepMs: MINUTE, upbitOhlc: undefined, binanceOhlc: undefined });
  expect(bars.premium[7]).toBeCloseTo((upbit[7] ?? 0) / ((binance[7] ?? 0) * 1391.54) - 1, 14);
  expect([...bars.usdtKrw].every(Number.isNaN)).toBe(true);
  expect(bars.funding.time).toHaveLength(0);
  expect(bars.source).toMatchObject({ name: 'mine.csv', synthetic: false, foreignLeg: 'unknown', perpBasis: 0, fxKind: 'daily' });
  const notes = bars.source.notes.join('\n');
  for (const said of [
    /not a known data set/,
    /perpetual or spot is not known/,
    /No Upbit candles/,
    /No Binance candles/,
    /USDT is N\/A/,
    /No funding/,
    /daily rate/,
  ]) {
    expect(notes).toMatch(said);
  }
  expect(notices).toEqual([]);
});

test('columns that mean nothing here: are named in a notice', async () => {
  const { notices } = await load({
    data: await temp.file('extra.csv', table().replace('usdkrw\n', 'usdkrw,premum\n').replaceAll('1391.54\n', '1391.54,1\n')),
  });
  expect(notices).toEqual([expect.stringMatching(/ignored columns: premum/)]);
});

test('leg candles: stand beside the row that ends with them', async () => {
  const { bars } = await load({
    data: await temp.file('legs.csv', table()),
    upbit: await temp.file('upbit.csv', candles(upbit)),
    perp: await temp.file('perp.csv', candles(binance)),
  });
  expect(bars.upbitOhlc?.close).toEqual(bars.upbitKrw);
  expect(bars.binanceOhlc?.close).toEqual(bars.binanceUsdt);
  expect(bars.upbitOhlc?.open[5]).toBe(upbit[4]);
  expect(bars.upbitOhlc?.volume[5]).toBe(6);
});

test.each([
  { name: 'labelled by their close', shift: 1, said: /one bar behind the table/ },
  { name: 'labelled a bar too early', shift: -1, said: /one bar ahead of the table/ },
])('leg candles $name: are refused with the reason', async ({ name, shift, said }) => {
  const upbitFile = await temp.file(`${name}.csv`, candles(upbit, shift));
  const loading = load({ data: await temp.file('shift.csv', table()), upbit: upbitFile });
  await expect(loading).rejects.toThrow(said);
  await expect(loading).rejects.toThrow(/labelled by the open/);
});

test('leg candles of another market: are refused', async () => {
  const perp = await temp.file('other.csv', candles(binance, 0, 1.05));
  await expect(load({ data: await temp.file('market.csv', table()), perp })).rejects.toMatchObject({
    message: expect.stringMatching(/5\.00 % from the table/) as string,
    place: { file: perp },
  });
});

test.each([
  {
    name: 'coarser than the rows',
    content: `timestamp,open,high,low,close,volume\n${START},1e8,1e8,1e8,1e8,1\n${START + 5 * MINUTE},1e8,1e8,1e8,1e8,1\n`,
    said: /5 min do not divide rows of 1 min/,
  },
  { name: 'of other days', content: candles(upbit, 100_000), said: /no row of the table/ },
])('leg candles $name: are refused when the user named them', async ({ name, content, said }) => {
  const upbitFile = await temp.file(`${name}.csv`, content);
  await expect(load({ data: await temp.file('fit.csv', table()), upbit: upbitFile })).rejects.toThrow(said);
});

test('perpetual that the user names for a table of spot prices: becomes the foreign leg, and rows without it are left out', async () => {
  const perpetual = binance.map((price) => Math.round(price * (1 - 0.0004) * 10) / 10);
  const content = candles(perpetual)
    .split('\n')
    .filter((_, line) => line !== 101)
    .join('\n');
  const { bars } = await load({ data: await temp.file('spot.csv', table()), perp: await temp.file('perp-of-spot.csv', content) });
  expect(bars.length).toBe(ROWS - 1);
  expect(bars.source).toMatchObject({ foreignLeg: 'binance-perp', perpBasis: 0 });
  expect(bars.source.notes.join('\n')).toMatch(/-4\.0 bp from the table's own price.*1 rows without a candle/);
  expect(bars.binanceUsdt[0]).toBe(perpetual[0]);
  expect(bars.premium[0]).toBeCloseTo((upbit[0] ?? 0) / ((perpetual[0] ?? 0) * 1391.54) - 1, 14);
  expect([...bars.afterGap.keys()].filter((row) => bars.afterGap[row] === 1)).toEqual([100]);
});

test('missing rows: stay missing, and the row behind them is marked', async () => {
  const kept = [...upbit.keys()].filter((row) => row !== 50 && (row < 200 || row > 260));
  const { bars } = await load({ data: await temp.file('holes.csv', table(kept)) });
  expect(bars.length).toBe(kept.length);
  expect([...bars.time]).toEqual(kept.map((row) => START + (row + 1) * MINUTE));
  expect([...bars.afterGap.keys()].filter((row) => bars.afterGap[row] === 1).map((row) => kept[row])).toEqual([51, 261]);
});

test.each([
  { from: 100, to: undefined, first: 100, count: 300 },
  { from: undefined, to: 100, first: 0, count: 100 },
  { from: 100, to: 101, first: 100, count: 1 },
])('period from row $from to row $to: the end is exclusive', async ({ from, to, first, count }) => {
  const instant = (row: number | undefined): { at: ReturnType<typeof epochMs> } | undefined =>
    row === undefined ? undefined : { at: epochMs(START + (row + 1) * MINUTE) };
  const { bars } = await load({ data: await temp.file('period.csv', table()), from: instant(from)?.at, to: instant(to)?.at });
  expect([bars.length, bars.time.length, bars.premium.length, bars.fxStep.length]).toEqual([count, count, count, count]);
  expect(bars.upbitKrw[0]).toBe(upbit[first]);
});

test('period without a row: the error names what the file covers', async () => {
  const data = await temp.file('empty-period.csv', table());
  await expect(load({ data, from: epochMs(START + 1_000 * MINUTE) })).rejects.toThrow(
    /no row in 2025-09-04T02:40:00Z .. the end; it covers 2025-09-03T10:01:00Z .. 2025-09-03T16:40:00Z/,
  );
});

test('daily rates that the user names: are known from 15:00 UTC of their day, and the premium follows', async () => {
  const day = (offset: number): number => Math.floor(START / (24 * HOUR)) * 24 * HOUR + offset * 24 * HOUR;
  const fx = await temp.file('fx.csv', `timestamp,usdkrw\n${day(-1)},1400\n${day(0)},1410\n${day(1)},1420\n`);
  const { bars } = await load({ data: await temp.file('fx-table.csv', table()), fx });
  const step = bars.time.indexOf(Date.parse('2025-09-03T15:00:00Z'));
  expect([bars.usdKrw[step - 1], bars.usdKrw[step]]).toEqual([1400, 1410]);
  expect([...bars.fxStep.keys()].filter((row) => bars.fxStep[row] === 1)).toEqual([step]);
  expect(bars.premium[step]).toBeCloseTo((upbit[step] ?? 0) / ((binance[step] ?? 0) * 1410) - 1, 14);
  expect(bars.source.fxKind).toBe('daily');
});

test('intraday rates that the user names: are known at the end of their bar, and age from there', async () => {
  const rows = Array.from({ length: 20 }, (_, bar) => `${START - 2 * HOUR + bar * 30 * MINUTE},1400,1400,1400,${1400 + bar}`);
  const fx = await temp.file('fx-30m.csv', `timestamp,open,high,low,close\n${rows.join('\n')}\n`);
  const { bars } = await load({ data: await temp.file('fx-live-table.csv', table()), fx });
  // The row of 10:29 still has the bar that closed at 10:00; the row of 10:30 has the one that just closed.
  expect([bars.usdKrw[28], bars.usdKrw[29]]).toEqual([1403, 1404]);
  expect((bars.time[28] ?? 0) - (bars.fxSince?.[28] ?? 0)).toBe(29 * MINUTE);
  expect((bars.time[29] ?? 0) - (bars.fxSince?.[29] ?? 0)).toBe(0);
  expect(bars.source.fxKind).toBe('live');
});

test('rates that begin too late: are refused with the instant they are first known', async () => {
  const fx = await temp.file(
    'fx-late.csv',
    `timestamp,usdkrw\n${Math.floor(START / (24 * HOUR)) * 24 * HOUR},1400\n${Math.floor(START / (24 * HOUR)) * 24 * HOUR + 24 * HOUR},1401\n`,
  );
  await expect(load({ data: await temp.file('fx-late-table.csv', table()), fx })).rejects.toThrow(
    /no USD\/KRW yet at the row of 2025-09-03T10:01:00Z[^]*first known at 2025-09-03T15:00:00Z/,
  );
});

test('rate that changes with most rows: is taken as live, and that is said', async () => {
  const { bars } = await load({
    data: await temp.file(
      'moving-fx.csv',
      table(undefined, (row) => 1391 + (row % 5) / 100),
    ),
  });
  expect(bars.source.fxKind).toBe('live');
  expect(bars.source.notes.join('\n')).toMatch(/told by how often it changes: live/);
  expect(bars.fxStep.every((flag) => flag === 0)).toBe(true);
});

test('funding: settlements of the period and the next one; missing ones are counted', async () => {
  const slot = Date.parse('2025-09-03T16:00:00Z');
  const rates = [-2, -1, 0, 1, 2, 3].map((offset) => `${slot + offset * 8 * HOUR + 3},0.0001`);
  const data = await temp.file('funding-table.csv', table());
  const whole = await load({ data, funding: await temp.file('funding.csv', `timestamp,funding_rate\n${rates.join('\n')}\n`) });
  expect([...whole.bars.funding.time]).toEqual([slot + 3, slot + 8 * HOUR + 3]);
  const torn = await load({
    data,
    funding: await temp.file('torn.csv', `timestamp,funding_rate\n${rates.filter((_, index) => index !== 2).join('\n')}\n`),
  });
  expect(torn.bars.source.notes.join('\n')).toMatch(/1 funding settlements of the period are missing/);
});

test('funding of other days: is refused when the user named it', async () => {
  const funding = await temp.file('old-funding.csv', 'timestamp,funding_rate\n1568102400000,0.0001\n1568131200000,0.0001\n');
  await expect(load({ data: await temp.file('f.csv', table()), funding })).rejects.toThrow(
    /covers 2019-09-10T08:00:00Z .. 2019-09-10T16:00:00Z, no settlement/,
  );
});

test('hash of the source: changes with any file that is read, and with nothing else', async () => {
  const data = await temp.file('hash.csv', table());
  const upbitFile = await temp.file('hash-upbit.csv', candles(upbit));
  const alone = (await load({ data })).bars.source.hash;
  const withLeg = (await load({ data, upbit: upbitFile })).bars.source.hash;
  const uncached = (await loadBars({ data, upbit: upbitFile, cacheDir: join(temp.dir, 'other-cache') })).bars.source.hash;
  await writeFile(upbitFile, candles(upbit).replace(/,400\n/, ',401\n'));
  const changed = (await load({ data, upbit: upbitFile })).bars.source.hash;
  expect(uncached).toBe(withLeg);
  expect(new Set([alone, withLeg, changed]).size).toBe(3);
});

test('known table without its neighbours: closes alone; with them: candles; asked to do without: closes alone', async () => {
  const folder = join(temp.dir, 'known');
  await mkdir(join(folder, 'premium'), { recursive: true });
  const data = join(folder, 'premium', 'premium-5m-perp-2025-09.csv');
  const five = [...upbit.keys()].filter((row) => (START / MINUTE + row + 1) % 5 === 0);
  await writeFile(data, table(five));
  expect((await load({ data })).bars).toMatchObject({ upbitOhlc: undefined, stepMs: 5 * MINUTE, source: { foreignLeg: 'binance-perp' } });
  await mkdir(join(folder, 'upbit-btc-krw'));
  const { gzipSync } = await import('node:zlib');
  await writeFile(join(folder, 'upbit-btc-krw', 'upbit-btc-krw-1m-2025-09.csv.gz'), gzipSync(candles(upbit)));
  const { bars } = await load({ data });
  expect(bars.upbitOhlc?.close).toEqual(bars.upbitKrw);
  expect(bars.upbitOhlc?.volume[1]).toBe([5, 6, 7, 8, 9].reduce((sum, row) => sum + row + 1, 0));
  expect((await load({ data, useCompanions: false })).bars.upbitOhlc).toBeUndefined();
});

test('irregular table: no step, no candles, and a gap only beyond 24 h', async () => {
  const hours = [0, 7, 15, 16.5, 41, 41.5];
  const rows = hours.map((hour) => `${START + hour * HOUR},150803000,108260,1391.54,1420,${hour < 20 ? 'ecb_daily' : 'live'}`);
  const data = await temp.file('irregular.csv', `timestamp,upbit_krw,binance_usdt,usdkrw,upbit_usdt_krw,fx_source\n${rows.join('\n')}\n`);
  const { bars } = await load({ data });
  expect(bars.stepMs).toBe(0);
  expect([...bars.afterGap]).toEqual([0, 0, 0, 0, 1, 0]);
  expect([...(bars.fxLive ?? [])]).toEqual([0, 0, 0, 0, 1, 1]);
  expect(bars.source.notes.join('\n')).toMatch(/quoted live in 2 of 6 rows/);
  await expect(load({ data, upbit: await temp.file('irregular-upbit.csv', candles(upbit)) })).rejects.toThrow(/irregular rows/);
});
