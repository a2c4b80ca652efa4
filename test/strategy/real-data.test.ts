import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import type { EpochMs } from '../../src/core/units.js';
import { loadBars } from '../../src/market/load-bars.js';
import type { PremiumBars } from '../../src/market/bars.js';
import { scanFrom } from '../../src/strategy/scan.js';
import type { StrategyState } from '../../src/strategy/strategy.js';
import { createZScoreStrategy } from '../../src/strategy/z-score-strategy.js';
import type { ZScoreOptions, ZScoreStrategy } from '../../src/strategy/z-score-strategy.js';
import { FLAT, HOUR, MINUTE } from './support/bars.js';

const folder = join(process.env['HEDGEDRILL_DATA'] ?? '../shared/data', 'premium');
const present = existsSync(folder);
/** Fees alone: 5 bp four times. */
const FEES = 0.002;

const cacheDir = mkdtempSync(join(tmpdir(), 'hedge-strategy-'));
afterAll(() => rmSync(cacheDir, { recursive: true }));

const load = async (name: string): Promise<PremiumBars> => (await loadBars({ data: join(folder, name), useCompanions: false, cacheDir })).bars;

/** Trades at the close one bar after each signal; what both legs earned in KRW over the KRW paid, a trade each. */
function trade(bars: PremiumBars, options: Partial<ZScoreOptions>): { gross: number[]; strategy: ZScoreStrategy } {
  const strategy = createZScoreStrategy(options, { stepMs: bars.stepMs, fxKind: bars.source.fxKind });
  const at = (column: Float64Array, row: number): number => column[Math.min(row, bars.length - 1)] ?? NaN;
  const gross: number[] = [];
  let state: StrategyState = FLAT;
  let entered = 0;
  for (let next = 0; ;) {
    const hit = scanFrom(bars, strategy, next, state);
    if (hit === undefined) return { gross, strategy };
    next = hit.index + 1;
    if (hit.signal.kind === 'enter') {
      entered = next;
      state = { ...FLAT, openPositions: 1, oldestOpenedAt: at(bars.time, next) as EpochMs, entryPremium: at(bars.premium, next) };
      continue;
    }
    const paid = at(bars.upbitKrw, entered);
    const short = (at(bars.binanceUsdt, entered) - at(bars.binanceUsdt, next)) * at(bars.usdKrw, next);
    gross.push((at(bars.upbitKrw, next) - paid + short) / paid);
    state = { ...FLAT, lastExitAt: at(bars.time, next) as EpochMs };
  }
}

describe.skipIf(!present)(`on the real premium (${present ? folder : `skipped: no data at ${folder}, set HEDGEDRILL_DATA`})`, () => {
  test('a window of 60 minutes: hundreds of trades earn less than their fees, nearly all of them singly', async () => {
    const { gross } = trade(await load('premium-1m-spot-2025-09.csv.gz'), { windowMs: 60 * MINUTE, entry: 2 });
    expect(gross.length).toBeGreaterThan(100);
    expect(gross.reduce((sum, each) => sum + each, 0) / gross.length).toBeLessThan(FEES / 2);
    expect(gross.filter((each) => each > FEES).length / gross.length).toBeLessThan(0.02);
  });

  test('the default window on six years of hours: the mean trade earns more than its fees although filled an hour late', async () => {
    const { gross } = trade(await load('premium-1h-perp-2019-to-2025.csv.gz'), {});
    expect(gross.length).toBeGreaterThan(100);
    expect(gross.reduce((sum, each) => sum + each, 0) / gross.length).toBeGreaterThan(FEES);
  });

  test.each([
    { file: 'premium-1m-spot-2025-09.csv.gz', says: /bars signalled an entry and \d+ were passed on/ },
    { file: 'premium-5m-perp-2025-09.csv', says: /bars signalled an entry and \d+ were passed on/ },
    { file: 'premium-1h-perp-2019-to-2025.csv.gz', says: /bars signalled an entry and \d+ were passed on/ },
    { file: 'premium-1h-perp-with-usdtkrw-2025.csv', says: /bars signalled an entry and \d+ were passed on/ },
    { file: 'premium-1m-spot-blocks-2024-08-to-2025-08.csv.gz', says: /window of 48 h never filled: \d+ bars with \d+ gaps/ },
    { file: 'premium-1d-bitstamp-2017-to-2026.csv', says: /held at most 2 bars, and a z-score takes at least 30: choose a longer window/ },
    { file: 'premium-snapshots-2026.csv', says: /bars signalled an entry and \d+ were passed on/ },
  ])('$file: the defaults trade, or one sentence says why not', async ({ file, says }) => {
    const { strategy } = trade(await load(file), {});
    expect(strategy.explain()).toMatch(says);
  });

  test('a daily file trades with a window that holds enough of its days', async () => {
    const { gross } = trade(await load('premium-1d-bitstamp-2017-to-2026.csv'), { windowMs: 60 * 24 * HOUR, entry: 2, holdMsMax: 90 * 24 * HOUR });
    expect(gross.length).toBeGreaterThan(5);
  });
});
