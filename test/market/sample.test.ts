import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PremiumBars } from '../../src/market/bars.js';
import { loadBars } from '../../src/market/load-bars.js';
import { renderSample } from '../../src/market/sample/sample-files.js';
import { SAMPLE_SEED, writeSample, type WrittenSample } from '../../src/market/sample/write-sample.js';
import { scanFrom } from '../../src/strategy/scan.js';
import { createZScoreStrategy } from '../../src/strategy/z-score-strategy.js';
import type { EpochMs } from '../../src/core/units.js';
import { tempFolder } from './temp-files.js';

const temp = await tempFolder();
const MINUTE = 60_000;
const at = (text: string): number => Date.parse(`${text}Z`);

let again: WrittenSample;
let bars: PremiumBars;

beforeAll(async () => {
  again = await writeSample(join(temp.dir, 'again'));
  bars = (await loadBars({ data: 'data/sample/premium-1m.csv', cacheDir: join(temp.dir, 'cache') })).bars;
});

const files = [
  'README.md',
  ...['premium-1m', 'upbit-btc-krw-1m', 'binance-btcusdt-perp-1m', 'usdkrw-1d', 'upbit-usdt-krw-1h', 'binance-funding-8h'].map(
    (name) => `sample/${name}.csv`,
  ),
];

test.each(files)('%s as shipped: is what the generator writes, byte for byte', async (name) => {
  const [shipped, written] = await Promise.all([readFile(join('data', name)), readFile(join(temp.dir, 'again', name))]);
  expect(shipped.equals(written), `data/${name} differs: run hedgedrill data sample and commit`).toBe(true);
});

test('generator: writes these files and leaves nothing else behind', async () => {
  const left = (await readdir(join(temp.dir, 'again'), { recursive: true })).filter((name) => name !== 'sample').sort();
  expect(left).toEqual(files.toSorted());
  expect(again.files).toEqual(files.map((name) => join(temp.dir, 'again', name)));
});

test('another seed: writes other prices, funding and rates', async () => {
  const { files: others } = renderSample(1);
  for (const { name, text } of others) {
    const row = (content: string): string | undefined => content.split('\n')[20]?.replace(/^\d+,/, '');
    expect(row(text)).not.toBe(row(await readFile(join('data/sample', name), 'utf8')));
  }
});

test('every file: says in its first line that it is synthetic, and with which seed it was made', async () => {
  for (const name of files.slice(1)) {
    const [first] = (await readFile(join('data', name), 'utf8')).split('\n', 1);
    expect(first).toMatch(new RegExp(`^# SYNTHETIC .* seed ${SAMPLE_SEED}\\.`));
  }
  expect(bars.source.synthetic).toBe(true);
  expect(await readFile('data/README.md', 'utf8')).toMatch(/\*\*Everything in `sample\/` is SYNTHETIC/);
});

test('size: all files together stay below 8 MB', async () => {
  const sizes = await Promise.all(files.map(async (name) => (await readFile(join('data', name))).length));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(8e6);
});

describe('calibration', () => {
  test('every figure: lies within its tolerance of the published one', () => {
    expect(again.calibration.length).toBeGreaterThanOrEqual(30);
    const missed = again.calibration.filter(({ target, achieved, tolerance }) => !(Math.abs(achieved - target) <= tolerance));
    expect(missed).toEqual([]);
  });

  test('tolerances: are tight enough to tell the target from nothing', () => {
    // A figure whose tolerance reaches to zero would also pass for noise; the published ones near zero are named.
    const loose = again.calibration.filter(({ target, tolerance }) => tolerance >= Math.abs(target)).map(({ figure }) => figure);
    expect(loose).toEqual(['... with Binance 1 min after']);
  });
});

test('rows: every minute of 30 days but the outage and two quiet minutes', () => {
  expect(bars).toMatchObject({ length: 30 * 1_440 - 102, stepMs: MINUTE });
  const gaps = [...bars.afterGap.keys()].filter((row) => bars.afterGap[row] === 1).map((row) => [bars.time[row - 1], bars.time[row]]);
  expect(gaps).toEqual([
    [at('2025-03-04T19:07'), at('2025-03-04T19:09')],
    [at('2025-03-27T16:41'), at('2025-03-27T16:43')],
    [at('2025-03-27T18:30'), at('2025-03-27T20:11')],
  ]);
});

test('legs, USDT, funding and rates: all lie beside the rows', () => {
  expect(bars.upbitOhlc?.close).toEqual(bars.upbitKrw);
  expect(bars.binanceOhlc?.close).toEqual(bars.binanceUsdt);
  expect(bars.source).toMatchObject({ foreignLeg: 'binance-perp', perpBasis: 0, fxKind: 'daily' });
  expect([...bars.funding.time]).toEqual(Array.from({ length: 90 }, (_, slot) => at('2025-03-03T08:00') + slot * 8 * 60 * MINUTE));
  const known = bars.usdtKrw.reduce((count, rate) => count + (Number.isNaN(rate) ? 0 : 1), 0);
  expect(known).toBeGreaterThan(bars.length - 60);
});

test('crash hour: the world falls by about 6 %, Upbit further, and the premium comes back', () => {
  const row = (time: string): number => bars.time.indexOf(at(time));
  const [before, trough, end, later] = [row('2025-03-20T13:10'), row('2025-03-20T13:30'), row('2025-03-20T14:10'), row('2025-03-20T19:00')];
  const fall = (bars.binanceUsdt[end] ?? 0) / (bars.binanceUsdt[before] ?? 0) - 1;
  expect(fall).toBeGreaterThan(-0.1);
  expect(fall).toBeLessThan(-0.03);
  const premiumAt = (index: number): number => bars.premium[index] ?? Number.NaN;
  expect(premiumAt(trough)).toBeLessThan(premiumAt(before) - 0.01);
  expect(premiumAt(later)).toBeGreaterThan(premiumAt(trough) + 0.005);
});

test('FX: steps at 15:00 UTC of business days, and each is mirrored by the premium', () => {
  const steps = [...bars.fxStep.keys()].filter((row) => bars.fxStep[row] === 1);
  expect(steps).toHaveLength(22);
  for (const row of steps) {
    const time = new Date(bars.time[row] ?? 0);
    expect(time.toISOString().slice(11)).toBe('15:00:00.000Z');
    expect([1, 2, 3, 4, 5]).toContain(time.getUTCDay());
    const step = (bars.usdKrw[row] ?? 0) / (bars.usdKrw[row - 1] ?? 0) - 1;
    const jump = (bars.premium[row] ?? 0) - (bars.premium[row - 1] ?? 0);
    expect(Math.abs(jump + step)).toBeLessThan(0.002);
  }
});

/** What the built-in strategy would do with the sample, at closes and a round trip of 21 bp; bp of the notional. */
function roundTripsBp(options: Parameters<typeof createZScoreStrategy>[0]): number[] {
  const strategy = createZScoreStrategy(options, { stepMs: bars.stepMs, fxKind: bars.source.fxKind });
  const cost = 0.0021;
  const results: number[] = [];
  let position: { readonly openedAt: EpochMs; readonly premium: number; readonly rate: number } | undefined;
  let lastExitAt: EpochMs | undefined;
  for (let row = 0; ; row += 1) {
    const state = { openPositions: position === undefined ? 0 : 1, oldestOpenedAt: position?.openedAt, entryPremium: position?.premium, lastExitAt };
    const hit = scanFrom(bars, strategy, row, state);
    if (hit === undefined) return results;
    row = hit.index;
    const time = bars.time[row] as EpochMs;
    const rate = (bars.upbitKrw[row] ?? Number.NaN) / (bars.binanceUsdt[row] ?? Number.NaN);
    if (hit.signal.kind === 'enter') {
      if (position === undefined && hit.signal.expectedReversion >= cost + 0.0005)
        position = { openedAt: time, premium: bars.premium[row] ?? Number.NaN, rate };
    } else if (position !== undefined) {
      results.push((rate / position.rate - 1 - cost) * 1e4);
      position = undefined;
      lastExitAt = time;
    }
  }
}

test.each([
  { name: 'its defaults', options: {} },
  { name: 'an entry at 2', options: { entry: 2 } },
  { name: 'a re-cross', options: { trigger: 're-cross' } },
  { name: 'three days and an entry at 2', options: { windowMs: 72 * 60 * MINUTE, entry: 2 } },
] as const)('z-score strategy with $name: finds a handful of trades, some that pay and some that do not', ({ options }) => {
  const results = roundTripsBp(options);
  expect(results.length).toBeGreaterThanOrEqual(6);
  expect(results.length).toBeLessThanOrEqual(30);
  expect(results.some((result) => result > 0)).toBe(true);
  expect(results.some((result) => result < 0)).toBe(true);
});
