import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataCheck } from '../../src/market/data-check.js';
import { durationText, formatDataCheck, numberText } from '../../src/market/format-data-check.js';
import { tempFolder } from './temp-files.js';

const temp = await tempFolder();
const cacheDir = join(temp.dir, 'cache');
const check = async (name: string, content: string): Promise<string> =>
  formatDataCheck(await dataCheck(await temp.file(name, content), { cacheDir }));

test.each([
  {
    name: 'Upbit candles',
    content: 'timestamp,open,high,low,close,volume\n1756684800000,150700000,150803000,150640000,150803000,1.5\n',
    title: /Upbit BTC\/KRW candle file/,
  },
  {
    name: 'Binance candles',
    content: 'timestamp,open,high,low,close,volume\n1756684800000,108000,108100,107900,108050,1.5\n',
    title: /Binance BTC\/USDT candle file/,
  },
  {
    name: 'USDT candles',
    content: 'timestamp,open,high,low,close,volume\n1756684800000,1419,1420,1418,1419,5\n',
    title: /Upbit USDT\/KRW candle file/,
  },
  { name: 'FX bars', content: 'timestamp,open,high,low,close\n1756684800000,1419,1420,1418,1419\n', title: /USD\/KRW file/ },
  { name: 'FX fixings', content: 'timestamp,usdkrw\n1756684800000,1391.54\n', title: /USD\/KRW file/ },
  { name: 'funding', content: 'timestamp,funding_rate\n1756684800000,0.0001\n', title: /funding file/ },
  { name: 'premium table', content: 'timestamp,upbit_krw,binance_usdt,usdkrw\n1756684860000,150803000,108260,1391.54\n', title: /premium table/ },
])('$name: the kind is told by header and prices', async ({ name, content, title }) => {
  expect(await check(`${name}.csv`, content)).toMatch(title);
});

test('header of no known kind: the error says what a premium table needs', async () => {
  await expect(check('unknown.csv', 'start,end,missing_hours\n1,2,3\n')).rejects.toThrow(
    /premium table needs the column "timestamp"[^]*start, end, missing_hours/,
  );
});

test('gaps: the longest come first, and what the data cannot support reads N/A with the reason', async () => {
  const minutes = [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 75, 76, 77, 78, 79, 80, 81, 82];
  const rows = minutes.map((minute) => `${1756684800000 + minute * 60_000},${150_803_000 + minute * 1000},108260,1391.54`);
  const text = await check('gaps.csv', `timestamp,upbit_krw,binance_usdt,usdkrw\n${rows.join('\n')}\n`);
  expect(
    text
      .split('\n')
      .filter((line) => /^ +(gaps .*|.* \.\. .*\))$/.test(line))
      .map((line) => line.trim()),
  ).toEqual([
    'period (UTC)                        2025-09-01T00:01:00Z .. 2025-09-01T01:22:00Z (1 h 21 min)',
    'gaps                                2 (more than 1.5 steps between rows):',
    '2025-09-01T00:14:00Z .. 2025-09-01T01:15:00Z (1 h 1 min)',
    '2025-09-01T00:06:00Z .. 2025-09-01T00:09:00Z (3 min)',
  ]);
  for (const absent of [/USDT\/KRW +N\/A: not in the data/, /Upbit volume.*N\/A: no candles/, /funding +N\/A/, /Upbit spread.*N\/A/])
    expect(text).toMatch(absent);
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

test.each([
  'timestamp,upbit_krw,binance_usdt,usdkrw\n1756684860000,150803000,108260,1391.54\n',
  'timestamp,funding_rate\n1756684800000,0.0001\n',
  'timestamp,usdkrw\n1756684800000,1391.54\n',
])('file of a single row: every figure is a number or N/A (%#)', async (content) => {
  expect(await check('single.csv', content)).not.toMatch(/NaN|undefined|Infinity|-0\.0+ /);
});

test('synthetic file: says so in its first line', async () => {
  const text = await check(
    'made-up.csv',
    '# SYNTHETIC, for a test\ntimestamp,upbit_krw,binance_usdt,usdkrw\n1756684860000,150803000,108260,1391.54\n',
  );
  expect(text.split('\n')[0]).toMatch(/SYNTHETIC/);
});

test('notices of the reader: are part of the text', async () => {
  expect(await check('more.csv', 'timestamp,upbit_krw,binance_usdt,usdkrw,colour\n1756684860000,150803000,108260,1391.54,red\n')).toMatch(
    /notice: .*ignored columns: colour/,
  );
});

test.each([
  { ms: 0, text: '0 min' },
  { ms: 1_500, text: '2 s' },
  { ms: 60_000, text: '1 min' },
  { ms: 90_000, text: '90 s' },
  { ms: 48_060_000, text: '13 h 21 min' },
  { ms: 86_400_000, text: '1 d' },
  { ms: 7_199_999, text: '2 h' },
  { ms: 86_399_999, text: '1 d' },
  { ms: 90_000_000, text: '1 d 1 h' },
  { ms: Number.NaN, text: 'N/A' },
])('duration of $ms ms reads $text', ({ ms, text }) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  { value: 31_677, decimals: 0, text: '31,677' },
  { value: 999, decimals: 0, text: '999' },
  { value: -1_234_567.891, decimals: 2, text: '-1,234,567.89' },
  { value: -0.0004, decimals: 3, text: '0.000' },
  { value: -0.4, decimals: 0, text: '0' },
  { value: 1234.5678, decimals: 4, text: '1,234.5678' },
  { value: Number.POSITIVE_INFINITY, decimals: 1, text: 'N/A' },
])('number $value with $decimals decimals reads $text', ({ value, decimals, text }) => {
  expect(numberText(value, decimals)).toBe(text);
});
