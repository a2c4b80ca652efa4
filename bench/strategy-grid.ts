/**
 * The tables of docs/strategy.md, computed on the real files: `npm run bench -- --strategy [DIR]`, where DIR holds
 * `premium/` (default: $HEDGEDRILL_DATA or ../shared/data). No order is simulated here: entries and exits are made at
 * closing prices, so this shows what the signal is worth, and the backtest what is left of it.
 */
import { join } from 'node:path';

import { parseFixed } from '../src/core/money.js';
import type { Btc } from '../src/core/money.js';
import type { EpochMs } from '../src/core/units.js';
import type { PremiumBars } from '../src/market/bars.js';
import { loadBars } from '../src/market/load-bars.js';
import { entryIsWorth, roundTripCost } from '../src/strategy/entry-cost.js';
import { scanFrom } from '../src/strategy/scan.js';
import type { StrategyState } from '../src/strategy/strategy.js';
import { createZScoreStrategy } from '../src/strategy/z-score-strategy.js';
import type { ZScoreOptions } from '../src/strategy/z-score-strategy.js';

const HOUR = 3_600_000;
/** 10 million KRW at the prices of September 2025. */
const COST = roundTripCost({ quantity: parseFixed<Btc>('0.062'), upbitFeePpm: 500n, binanceFeePpm: 500n });
const MARGIN = 0.0005;

interface Trade {
  readonly enteredAt: number;
  readonly hours: number;
  /** Result of the two legs in KRW over the KRW paid, before costs and funding. */
  readonly gross: number;
  readonly reason: string;
}

interface Outcome {
  readonly trades: readonly Trade[];
  readonly refused: number;
}

const FLAT: StrategyState = { openPositions: 0, oldestOpenedAt: undefined, entryPremium: undefined, lastExitAt: undefined };

/** @param lag - bars between the signal and the price that is traded. @param checked - whether an entry must pay for its round trip. */
function simulate(bars: PremiumBars, options: Partial<ZScoreOptions>, lag: number, checked = true): Outcome {
  const strategy = createZScoreStrategy(options, { stepMs: bars.stepMs, fxKind: bars.source.fxKind });
  const at = (column: Float64Array, row: number): number => column[Math.min(row, bars.length - 1)] ?? NaN;
  const trades: Trade[] = [];
  let refused = 0;
  let state = FLAT;
  let entered = 0;
  for (let next = 0; ;) {
    const hit = scanFrom(bars, strategy, next, state);
    if (hit === undefined) return { trades, refused };
    next = hit.index + 1;
    const row = hit.index + lag;
    if (hit.signal.kind === 'enter') {
      if (checked && !entryIsWorth(hit.signal, COST, MARGIN)) {
        refused += 1;
        continue;
      }
      entered = row;
      state = { ...state, openPositions: 1, oldestOpenedAt: at(bars.time, row) as EpochMs, entryPremium: at(bars.premium, row) };
      continue;
    }
    const paid = at(bars.upbitKrw, entered);
    const spot = at(bars.upbitKrw, row) - paid;
    const short = (at(bars.binanceUsdt, entered) - at(bars.binanceUsdt, row)) * at(bars.usdKrw, row);
    const enteredAt = at(bars.time, entered);
    trades.push({ enteredAt, hours: (at(bars.time, row) - enteredAt) / HOUR, gross: (spot + short) / paid, reason: hit.signal.reason });
    state = { ...FLAT, lastExitAt: at(bars.time, row) as EpochMs };
  }
}

const mean = (values: readonly number[]): number => (values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length);
const bp = (fraction: number): string => (Number.isNaN(fraction) ? '–' : (fraction * 10_000).toFixed(1));

function columnsOf({ trades, refused }: Outcome): string[] {
  const gross = trades.map((trade) => trade.gross);
  const won = trades.filter((trade) => trade.gross > COST).length;
  return [
    String(trades.length),
    String(refused),
    bp(mean(gross)),
    bp(mean(gross) - COST),
    trades.length === 0 ? '–' : ((gross.reduce((sum, each) => sum + each, 0) - COST * trades.length) * 100).toFixed(2),
    trades.length === 0 ? '–' : `${((100 * won) / trades.length).toFixed(0)} %`,
    bp(Math.min(...gross, Infinity) === Infinity ? NaN : Math.min(...gross) - COST),
    trades.length === 0 ? '–' : mean(trades.map(({ hours }) => hours)).toFixed(1),
  ];
}

const HEAD = ['trades', 'refused', 'gross bp', 'net bp', 'sum of net %', 'above cost', 'worst net bp', 'mean hours held'];

function table(title: string, first: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = [...first, ...HEAD];
  console.log([`### ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n'));
}

export async function printStrategyTables(folder = process.env['HEDGEDRILL_DATA'] ?? '../shared/data'): Promise<void> {
  const load = async (name: string): Promise<PremiumBars> => (await loadBars({ data: join(folder, 'premium', name), useCompanions: false })).bars;
  const minutes = await load('premium-1m-spot-2025-09.csv.gz');
  const fives = await load('premium-5m-perp-2025-09.csv');
  const hours = await load('premium-1h-perp-2019-to-2025.csv.gz');
  console.log(`Modelled round trip: ${bp(COST)} bp; margin ${bp(MARGIN)} bp. Funding is left out.\n`);

  const grid = (bars: PremiumBars, lag: number, windows: readonly number[], entries: readonly number[], checked = true): string[][] =>
    windows.flatMap((window) =>
      entries.map((entry) => [`${window} h`, String(entry), ...columnsOf(simulate(bars, { windowMs: window * HOUR, entry }, lag, checked))]),
    );
  const first = ['window', 'entry'];
  table('Minutes, September 2025: every signal taken, filled one bar later', first, grid(minutes, 1, [1, 4, 12, 24, 48, 72], [2, 2.5, 3], false));
  table('Minutes: the same with the entry check', first, grid(minutes, 1, [1, 4, 12, 24, 48, 72], [2, 2.5, 3]));
  table('Five minutes, perpetual, September 2025', first, grid(fives, 1, [1, 12, 24, 48, 72], [2, 2.5, 3]));
  table('Hours, perpetual, 2019 to 2025: filled at the bar of the signal', first, grid(hours, 0, [48, 72, 168, 336, 720], [1.5, 2, 2.5, 3]));

  const variants: readonly (readonly [string, Partial<ZScoreOptions>])[] = [
    ['the defaults', {}],
    ['exit 0.5', { exit: 0.5 }],
    ['exit -0.5', { exit: -0.5 }],
    ['exit -1', { exit: -1 }],
    ['trigger re-cross', { trigger: 're-cross' }],
    ['fxInWindow as-published', { fxInWindow: 'as-published' }],
    ['stop 1 %', { stop: 0.01 }],
    ['stop 2 %', { stop: 0.02 }],
    ['stop 5 %', { stop: 0.05 }],
    ['no stop', { stop: undefined }],
    ['cooldown 0', { cooldownMs: 0 }],
    ['cooldown 6 h', { cooldownMs: 6 * HOUR }],
    ['longest holding 2 days', { holdMsMax: 48 * HOUR }],
  ];
  table(
    'Hours: one change to the defaults at a time',
    ['change'],
    variants.map(([name, options]) => [name, ...columnsOf(simulate(hours, options, 0))]),
  );
  table(
    'Minutes: one change to the defaults at a time',
    ['change'],
    variants.map(([name, options]) => [name, ...columnsOf(simulate(minutes, options, 1))]),
  );

  table('Hours: filled a whole hour after the signal', first, grid(hours, 1, [48, 168], [2, 2.5, 3]));

  const all = simulate(hours, {}, 0).trades;
  const years = [...new Set(all.map(({ enteredAt }) => new Date(enteredAt).getUTCFullYear()))];
  table(
    'Hours: the defaults by year of entry',
    ['year'],
    years.map((year) => [
      String(year),
      ...columnsOf({ trades: all.filter(({ enteredAt }) => new Date(enteredAt).getUTCFullYear() === year), refused: 0 }),
    ]),
  );
}
