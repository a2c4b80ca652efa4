import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfigText } from '../../src/config/resolve-config.js';
import { InputError } from '../../src/core/input-error.js';
import { formatFixed } from '../../src/core/money.js';
import type { Leg } from '../../src/core/units.js';
import { epochMs } from '../../src/core/units.js';
import { createReferenceExecutor } from '../../src/executor/reference-executor.js';
import type { PremiumBars } from '../../src/market/bars.js';
import { loadBars } from '../../src/market/load-bars.js';
import { runBacktest } from '../../src/run/backtest.js';
import { loadRecordings } from '../../src/run/load-recordings.js';
import { sampleFile } from '../../src/run/package-paths.js';
import { tradingRun, type TradingRun } from '../../src/run/trading-run.js';
import type { Strategy } from '../../src/strategy/strategy.js';

const FROM = Date.UTC(2025, 2, 5);
const TO = FROM + 2 * 3_600_000;
/** The strategy enters at this row's close. */
const ENTRY_ROW = 30;

let dir = '';
let bars: PremiumBars;
let entryAt = 0;
let [upbitClose, perpClose] = [0, 0];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hedgedrill-books-'));
  const loaded = await loadBars({ data: sampleFile(), cacheDir: join(dir, 'cache'), from: epochMs(FROM), to: epochMs(TO) });
  bars = loaded.bars;
  entryAt = bars.time[ENTRY_ROW] ?? 0;
  upbitClose = bars.upbitKrw[ENTRY_ROW] ?? 0;
  perpClose = bars.binanceUsdt[ENTRY_ROW] ?? 0;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Levels = readonly (readonly [offset: number, btc: number])[];

/** Books around `mid`, one a second, from two seconds before `at` until `seconds` after it; levels are the ask side's, the bid side mirrors them. */
function recording(name: string, mid: number, levels: Levels, at: number, seconds: number): string {
  const side = (sign: 1 | -1): number[][] => levels.map(([offset, btc]) => [Math.round((mid + sign * offset) * 10) / 10, btc]);
  const rows = Array.from({ length: seconds + 2 }, (_, index) =>
    JSON.stringify({ timestamp: at + (index - 2) * 1_000, bids: side(-1), asks: side(1) }),
  );
  const file = join(dir, name);
  writeFileSync(file, rows.join('\n'));
  return file;
}

/** A thin first level, so that an entry of 0.07 BTC has to reach the second one. */
const UPBIT_LEVELS: Levels = [
  [3_000, 0.05],
  [9_000, 2],
];
const PERP_LEVELS: Levels = [
  [1.3, 0.03],
  [2.9, 3],
];

const choice = (flags: { upbitBook?: string; perpBook?: string }) => resolveConfigText('', 'hedge.yaml', flags).data;

/** Enters once and holds. */
const entersOnce = (): Strategy => ({
  name: 'enters-once',
  z: -3,
  onBar: (bar) => (bar.time === entryAt ? { kind: 'enter', expectedReversion: 0.02, z: -3, reason: 'test' } : { kind: 'hold' }),
});

async function runWith(flags: { upbitBook?: string; perpBook?: string }): Promise<TradingRun> {
  const recorded = await loadRecordings(choice(flags), bars);
  return tradingRun({
    mode: 'backtest',
    config: resolveConfigText('', 'hedge.yaml', flags),
    bars: recorded.bars,
    books: recorded.books,
    executor: { name: 'reference', factory: createReferenceExecutor },
    strategy: entersOnce,
    seed: '1',
    withFaults: true,
    depthFactor: 1,
  });
}

const fillsOf = (run: TradingRun, leg: Leg): (readonly [price: string, btc: string])[] =>
  run.tape.events.flatMap((event) =>
    event.type === 'fill' && event.leg === leg ? [[formatFixed(event.price), formatFixed(event.quantity)] as const] : [],
  );

describe('a run with recorded books', () => {
  test('an entry within the recordings: both legs fill on their levels, one after the other, and nowhere else', async () => {
    const run = await runWith({
      upbitBook: recording('upbit.jsonl', upbitClose, UPBIT_LEVELS, entryAt, 30),
      perpBook: recording('perp.jsonl', perpClose, PERP_LEVELS, entryAt, 30),
    });
    expect(run.stopped).toBeUndefined();
    const spot = fillsOf(run, 'spot');
    const perp = fillsOf(run, 'perp');
    expect(spot.map(([price]) => Number(price))).toEqual([upbitClose + 3_000, upbitClose + 9_000]);
    expect(perp.map(([price]) => Number(price))).toEqual([perpClose - 1.3, perpClose - 2.9].map((price) => Math.round(price * 10) / 10));
    // The first level is taken whole.
    expect([spot[0]?.[1], perp[0]?.[1]].map(Number)).toEqual([0.05, 0.03]);
    expect(run.card.filter((line) => /^Recorded (upbit|binance) books \(32 snapshots\)/.test(line))).toHaveLength(2);
  });

  test('recordings that end before the entry: change no fill', async () => {
    const early = bars.time[5] ?? 0;
    const without = await runWith({});
    const run = await runWith({
      upbitBook: recording('upbit.jsonl', bars.upbitKrw[5] ?? 0, UPBIT_LEVELS, early, 30),
      perpBook: recording('perp.jsonl', bars.binanceUsdt[5] ?? 0, PERP_LEVELS, early, 30),
    });
    expect(fillsOf(without, 'perp').length).toBeGreaterThan(0);
    expect([fillsOf(run, 'spot'), fillsOf(run, 'perp')]).toEqual([fillsOf(without, 'spot'), fillsOf(without, 'perp')]);
  });

  test('the data hash on the tape: tells one recording from another and from none', async () => {
    const hashes: (string | undefined)[] = [];
    for (const levels of [undefined, PERP_LEVELS, UPBIT_LEVELS]) {
      const flags = levels === undefined ? {} : { perpBook: recording('same-name.jsonl', perpClose, levels, entryAt, 5) };
      const [first] = (await runWith(flags)).tape.events;
      hashes.push(first?.type === 'run' ? first.dataHash : undefined);
    }
    expect(hashes[0]).toBe(bars.source.hash);
    expect(new Set(hashes).size).toBe(3);
  });
});

describe('loading recordings', () => {
  test('none named: the bars as they are', async () => {
    expect(await loadRecordings(choice({}), bars)).toEqual({ bars, books: undefined, notices: [] });
  });

  test('the same file for the one venue or the other: is not the same data', async () => {
    // Between both venues' prices lies a factor of 1,400, so the bars are made to agree with either.
    const alike = { ...bars, upbitKrw: bars.binanceUsdt };
    const file = recording('either.jsonl', perpClose, PERP_LEVELS, entryAt, 5);
    const hashOf = async (flags: object): Promise<string> => (await loadRecordings(choice(flags), alike)).bars.source.hash;
    expect(await hashOf({ upbitBook: file })).not.toBe(await hashOf({ perpBook: file }));
  });

  test('a recording of a part: a notice and a note say how much of the run it covers', async () => {
    // 710 snapshots a second apart, and the last one stands for 10 s: 719 s of the 7,140 s between first and last row.
    const { bars: told, notices } = await loadRecordings(choice({ perpBook: recording('part.jsonl', perpClose, PERP_LEVELS, entryAt, 708) }), bars);
    expect(notices).toEqual(['recorded binance books (part.jsonl) cover 10.1 % of the run: modelled books stand for the rest']);
    expect(told.source.notes.at(-1)).toMatch(/^Recorded binance books \(part\.jsonl\) cover 10\.1 % of the run/);
    expect(told.source.notes.slice(0, -1)).toEqual(bars.source.notes);
  });

  test('a recording of the whole run and more: a note and no notice', async () => {
    const start = (bars.time[0] ?? 0) - 60_000;
    const file = recording('whole.jsonl', perpClose, PERP_LEVELS, start, 7_300);
    const { bars: told, notices } = await loadRecordings(choice({ perpBook: file }), bars);
    expect(notices).toEqual([]);
    expect(told.source.notes.at(-1)).toMatch(/cover all of the run/);
  });

  test.each<{ name: string; at: (from: number, to: number) => number }>([
    { name: 'before the run', at: (from) => from - 3_600_000 },
    { name: 'after the run', at: (_from, to) => to + 3_600_000 },
  ])('a recording $name: is refused with both periods', async ({ at }) => {
    const file = recording('outside.jsonl', perpClose, PERP_LEVELS, at(bars.time[0] ?? 0, bars.time.at(-1) ?? 0), 5);
    const refused = loadRecordings(choice({ perpBook: file }), bars);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(
      /outside\.jsonl: data\.perpBook: the recording \(.*\) has no book within the run \(2025-03-05T00:00:00Z \.\. 2025-03-05T01:59:00Z\)\n {2}Change --from or --to, or leave --perp-book out\.$/,
    );
  });

  test('a recording with a hole around the whole run: is refused, though it begins before and ends after', async () => {
    const before = readFileSync(recording('a.jsonl', perpClose, PERP_LEVELS, FROM - 3_600_000, 5), 'utf8');
    const after = readFileSync(recording('b.jsonl', perpClose, PERP_LEVELS, TO + 3_600_000, 5), 'utf8');
    const file = join(dir, 'hole.jsonl');
    writeFileSync(file, `${before}\n${after}`);
    await expect(loadRecordings(choice({ perpBook: file }), bars)).rejects.toThrow(/has no book within the run/);
  });

  test('swapped recordings: are refused by their prices', async () => {
    const file = recording('swapped.jsonl', perpClose, PERP_LEVELS, entryAt, 5);
    const refused = loadRecordings(choice({ upbitBook: file }), bars);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(
      /swapped\.jsonl: data\.upbitBook: expected prices near the data's \d+ KRW, found a mid of [\d.]+ .*\n.*--upbit-book takes the book of BTC\/KRW/,
    );
  });

  test('a recording that is not there: is named', async () => {
    await expect(loadRecordings(choice({ upbitBook: join(dir, 'none.jsonl') }), bars)).rejects.toThrow(/none\.jsonl: cannot be read/);
  });
});

test('backtest with --perp-book: another content is another run, and the report says what was recorded', async () => {
  const out = join(dir, 'out');
  const notices: string[] = [];
  const backtest = (perpBook: string): Promise<number> =>
    runBacktest({
      perpBook,
      from: new Date(FROM).toISOString(),
      to: new Date(TO).toISOString(),
      sensitivity: false,
      cache: join(dir, 'cache'),
      out,
      json: true,
      observer: { progress: () => undefined, problem: () => undefined, notice: (line) => notices.push(line), say: () => undefined },
    });
  expect(await backtest(recording('book.jsonl', perpClose, PERP_LEVELS, entryAt, 30))).toBe(0);
  expect(await backtest(recording('book.jsonl', perpClose + 1, PERP_LEVELS, entryAt, 30))).toBe(0);
  const runs = readdirSync(out);
  expect(runs).toHaveLength(2);
  expect(notices.filter((line) => /recorded binance books \(book\.jsonl\) cover 0\.57 %/.test(line))).toHaveLength(2);
  for (const run of runs) {
    const report = readFileSync(join(out, run, 'report.md'), 'utf8');
    expect(report).toMatch(/Recorded binance books \(32 snapshots\) stand in for the model/);
    expect(report).toMatch(/Recorded binance books \(book\.jsonl\) cover 0\.57 % of the run/);
    expect(readFileSync(join(out, run, 'config.resolved.yaml'), 'utf8')).toMatch(/perpBook: book\.jsonl/);
  }
});
