import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { loadBars } from '../../src/market/load-bars.js';
import { fetchData } from '../../src/run/data-commands.js';
import { HOUR, MINUTE, pastBars } from '../wire/support/past.js';
import { served, type Served } from './support/served.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hedgedrill-fetch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Seven hours of minutes with a gap of six before the start, a settlement of funding among them. */
const past = { bars: pastBars(), historyMs: durationMs(400 * MINUTE) };

interface Fetched {
  readonly code: number;
  readonly notices: string;
  readonly files: Readonly<Record<string, string>>;
}

async function fetched({ url }: Served, name: string, from: number, to: number): Promise<Fetched> {
  const notices: string[] = [];
  const note = (line: string): void => void notices.push(line);
  const out = join(folder, name);
  const code = await fetchData({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    out,
    timeframe: '1m',
    fx: 'fixed:1390',
    upbitUrl: url('upbit'),
    binanceUrl: url('binance'),
    json: false,
    observer: { progress: () => undefined, say: () => undefined, problem: note, notice: note },
  });
  const files = Object.fromEntries(readdirSync(out).map((file) => [file, file.endsWith('.csv') ? readFileSync(join(out, file), 'utf8') : '']));
  return { code, notices: notices.join('\n'), files };
}

/** The start of the minute that the server opened in. */
const minuteOf = (start: number): number => Math.floor(start / MINUTE) * MINUTE;

const TROUBLES = `  - { id: limit-upbit, when: { venue: upbit, nth: 1, countPer: run }, inject: { reject: { http: 429 } } }
  - { id: limit-binance, when: { venue: binance, nth: 2, countPer: run }, inject: { reject: { http: 429, code: "-1003", retryAfter: 2s } } }
  - { id: reset, when: { venue: upbit, nth: 3, countPer: run }, inject: { transport: { mode: reset-in-body } } }
  - { id: closed, when: { venue: upbit, nth: 5, countPer: run }, inject: { transport: { mode: closed-before-headers, processed: false } } }
  - { id: cut, when: { venue: binance, nth: 4, countPer: run }, inject: { transport: { mode: gzip-cut } } }
  - { id: page, when: { venue: binance, nth: 5, countPer: run }, inject: { garble: { mode: html-page } } }`;

test('a fetch through limits, cut connections and foreign pages writes the bytes of one without', async () => {
  await served(
    async (open) => {
      const end = minuteOf(open.run.start) - 2 * MINUTE;
      const [from, to] = [end - 5 * HOUR, end];
      const through = await fetched(open, 'troubled', from, to);
      expect(open.run.session.tally().map(({ fault, fired }) => [fault, fired])).toEqual(
        ['limit-upbit', 'limit-binance', 'reset', 'closed', 'cut', 'page'].map((fault) => [fault, 1]),
      );
      const calm = await fetched(open, 'calm', from, to);
      expect([through.code, calm.code, calm.notices]).toEqual([0, 0, '']);
      expect(through.files).toEqual(calm.files);
      expect(Object.keys(calm.files)).toContain('binance-funding.csv');
      expect(open.run.session.tally().every(({ fired }) => fired === 1)).toBe(true);
      expect([open.problems, open.run.unlisted()]).toEqual([[], []]);
    },
    { ...past, faults: TROUBLES },
  );
}, 60_000);

test('what is fetched of a served past is the data that was served, its gap and its funding', async () => {
  await served(async (open) => {
    const { bars } = past;
    const { start } = open.run;
    const end = minuteOf(start) - MINUTE;
    expect((await fetched(open, 'history', end - 6 * HOUR, end)).code).toBe(0);
    const { bars: read } = await loadBars({ data: join(folder, 'history', 'premium-1m.csv'), cacheDir: join(folder, 'cache') });
    // The history is shown whole minutes off, and up to a minute later than was asked for.
    const offset = minuteOf(start) - ((bars.time[0] ?? 0) + past.historyMs);
    const rowOf = (time: number): number => bars.time.indexOf(time - offset);
    const rows = [...read.time].map(rowOf);
    expect(rows).not.toContain(-1);
    // Six hours but for the bars that the gap lacks.
    expect(read.length).toBe(360 - 5);
    for (const leg of ['upbitKrw', 'binanceUsdt'] as const)
      expect([...read[leg]].map((price) => price.toFixed(2))).toEqual(rows.map((row) => (bars[leg][row] ?? Number.NaN).toFixed(2)));
    for (const figure of ['open', 'high', 'low', 'volume'] as const)
      expect([...(read.upbitOhlc?.[figure] ?? [])].map((value) => value.toFixed(4))).toEqual(
        rows.map((row) => (bars.upbitOhlc?.[figure][row] ?? Number.NaN).toFixed(4)),
      );
    const settled = (bars.funding.time[0] ?? 0) + offset;
    expect([[...read.funding.time], [...read.funding.rate]]).toEqual([[settled], [bars.funding.rate[0]]]);
  }, past);
}, 60_000);

test('a server without a past has nothing to fetch before its start', async () => {
  await served(
    async (open) => {
      const end = minuteOf(open.run.start) - MINUTE;
      await expect(fetched(open, 'none', end - HOUR, end)).rejects.toThrow('has no candle in');
    },
    { bars: past.bars },
  );
}, 30_000);
