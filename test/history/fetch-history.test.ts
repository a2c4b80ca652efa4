import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/clock/clock.js';
import { SystemClock } from '../../src/clock/system-clock.js';
import type { StopSignal } from '../../src/clock/stop.js';
import type { DurationMs, EpochMs, MonotonicMs } from '../../src/core/units.js';
import { columnOf } from '../../src/market/column-table.js';
import { loadBars } from '../../src/market/load-bars.js';
import { readTable } from '../../src/market/read-table.js';
import { fetchData, type FetchDataOptions } from '../../src/run/data-commands.js';
import { binanceClose, fixing, historyServer, upbitClose, type HistoryServer, type ServedHistory } from './history-server.js';

const MINUTE = 60_000;
const FROM = Date.UTC(2025, 8, 5, 12);
const TO = FROM + 24 * 60 * MINUTE;

/** Waits between requests pass at once and are remembered; time-outs of requests, which can be given up, are real. */
class PatientClock implements Clock {
  readonly waits: number[] = [];
  readonly #real = new SystemClock();
  #passed = 0;

  now(): EpochMs {
    return (Date.UTC(2026, 0, 1) + this.#passed) as EpochMs;
  }
  monotonic(): MonotonicMs {
    return this.#passed as MonotonicMs;
  }
  async sleep(delay: DurationMs, signal?: StopSignal): Promise<void> {
    if (signal !== undefined) return this.#real.sleep(delay, signal);
    this.waits.push(delay);
    this.#passed += delay;
  }
}

let out = '';
let server: HistoryServer | undefined;
beforeEach(async () => {
  out = join(await mkdtemp(join(tmpdir(), 'fetch-')), 'history');
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(join(out, '..'), { recursive: true, force: true });
});

const serve = async (served: Partial<ServedHistory> = {}): Promise<HistoryServer> => {
  const one = server ?? (await historyServer({ since: 0 }));
  server = one;
  one.serve({ since: 0, ...served });
  return one;
};

interface Fetched {
  readonly code: number;
  readonly clock: PatientClock;
  readonly said: string;
  readonly problems: string;
  readonly notices: string;
}

async function fetched(options: Partial<FetchDataOptions> = {}): Promise<Fetched> {
  const clock = new PatientClock();
  const told = { say: [] as string[], problem: [] as string[], notice: [] as string[] };
  const observer = {
    progress: () => undefined,
    say: (line: string) => void told.say.push(line),
    problem: (line: string) => void told.problem.push(line),
    notice: (line: string) => void told.notice.push(line),
  };
  const url = server?.url;
  const given = { from: '2025-09-05T12:00Z', to: '2025-09-06T12:00Z', out, timeframe: '1m', fx: 'frankfurter', json: false } as const;
  const code = await fetchData({ ...given, upbitUrl: url, binanceUrl: url, fxUrl: url, observer, clock, ...options });
  return { code, clock, said: told.say.join('\n'), problems: told.problem.join('\n'), notices: told.notice.join('\n') };
}

/** The files of a folder by name, but for the server's own port. */
async function bytes(folder = out): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name): Promise<[string, string]> => [
        name,
        (await readFile(join(folder, name), 'utf8')).replace(/127\.0\.0\.1:\d+/g, 'SERVER'),
      ]),
    ),
  );
}

const FILES = [
  'binance-btcusdt-perp-1m.csv',
  'binance-funding.csv',
  'premium-1m.csv',
  'upbit-btc-krw-1m.csv',
  'upbit-usdt-krw-1h.csv',
  'usdkrw-1d.csv',
];

describe('a period fetched whole', () => {
  const upbitGaps = new Set([FROM, FROM + 300 * MINUTE, FROM + 301 * MINUTE, TO - MINUTE]);
  const binanceGaps = new Set([FROM + 700 * MINUTE]);

  test('holds what the venues have, keeps their gaps and is read with its companions', async () => {
    await serve({ upbitGaps, binanceGaps });
    const { code } = await fetched();
    expect(code).toBe(0);
    expect(await readdir(out)).toEqual(FILES);
    const { bars, notices } = await loadBars({ data: join(out, 'premium-1m.csv'), cacheDir: join(out, '..', 'cache') });
    expect(notices).toEqual([]);
    expect(bars.length).toBe(1_440 - upbitGaps.size - binanceGaps.size);
    expect(bars.source).toMatchObject({ foreignLeg: 'binance-perp', fxKind: 'daily', synthetic: false });
    expect(bars.source.notes.join('\n')).toContain(`at ${server?.url ?? ''}`);
    const open = FROM + 800 * MINUTE;
    const row = bars.time.indexOf(open + MINUTE);
    expect([bars.upbitKrw[row], bars.binanceUsdt[row], bars.usdtKrw[row]]).toEqual([upbitClose(open), binanceClose(open), 1_400]);
    expect(bars.upbitOhlc?.high[row]).toBe(upbitClose(open) + 1);
    expect(bars.upbitOhlc?.volume[row]).toBe(0.00000123 + (open % 7));
    expect([...bars.funding.time].map((at) => at - 3)).toEqual([16, 24, 32].map((hour) => Date.UTC(2025, 8, 5, hour)));
    // Friday's rate from 15:00 UTC on, over the weekend; before it Thursday's.
    const rateAt = (at: number): number | undefined => bars.usdKrw[bars.time.indexOf(at)];
    expect(rateAt(Date.UTC(2025, 8, 5, 14, 59))).toBe(fixing(Date.UTC(2025, 8, 4)));
    expect(rateAt(Date.UTC(2025, 8, 5, 15))).toBe(fixing(Date.UTC(2025, 8, 5)));
    expect(rateAt(Date.UTC(2025, 8, 6, 11))).toBe(fixing(Date.UTC(2025, 8, 5)));
  });

  test('servers that clip their pages shorter than they say lose nothing', async () => {
    await serve({ upbitGaps, binanceGaps });
    await fetched();
    const whole = await bytes();
    await rm(out, { recursive: true });
    await serve({ upbitGaps, binanceGaps, upbitMax: 60, binanceMax: 77 });
    expect((await fetched()).code).toBe(0);
    expect(await bytes()).toEqual(whole);
  });

  test('a market that began within the period begins there', async () => {
    const since = FROM + 500 * MINUTE;
    await serve({ since });
    expect((await fetched()).code).toBe(0);
    const { table } = await readTable(join(out, 'upbit-btc-krw-1m.csv'), 'upbit-candles', join(out, '..', 'cache'));
    expect(columnOf(table, 'timestamp')[0]).toBe(since);
    expect(table.rows).toBe(940);
  });

  test('requests keep their distance and a page is asked for once', async () => {
    const { requests } = await serve();
    const { clock } = await fetched();
    expect(requests.filter((path) => path.includes('minutes/1?')).length).toBe(Math.ceil(1_440 / 199));
    expect(requests.filter((path) => path.includes('klines')).length).toBe(2);
    expect(clock.waits.filter((wait) => wait === 125).length).toBeGreaterThanOrEqual(8);
    expect(requests.some((path) => /count=(?!200)/.test(path))).toBe(false);
  });

  test('a fixed rate is in every row and is called no data', async () => {
    await serve();
    expect((await fetched({ fx: 'fixed:1390' })).code).toBe(0);
    const { bars } = await loadBars({ data: join(out, 'premium-1m.csv'), cacheDir: join(out, '..', 'cache') });
    expect(new Set(bars.usdKrw)).toEqual(new Set([1_390]));
    expect((await bytes())['premium-1m.csv']).toContain('fixed at 1390: a constant for tests, no data');
    expect(await readdir(out)).not.toContain('usdkrw-1d.csv');
  });
});

describe('trouble on the way', () => {
  test('limits, bans, failures, cut connections and pages are waited out, and the bytes are the same', async () => {
    await serve();
    await fetched();
    const whole = await bytes();
    await rm(out, { recursive: true });
    const troubles: Readonly<Record<number, (response: Parameters<NonNullable<ServedHistory['misbehave']>>[1]) => void>> = {
      1: (response) =>
        response
          .writeHead(429, { 'retry-after': '3', 'content-type': 'application/json' })
          .end('{"error":{"name":"too_many_requests","message":"x"}}'),
      4: (response) => response.writeHead(418, { 'content-type': 'text/plain' }).end('blocked for 41 seconds'),
      6: (response) => response.destroy(),
      7: (response) => response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"name":"server_error","message":"x"}}'),
      9: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please wait</html>'),
      11: (response) => {
        response.writeHead(200, { 'content-length': '5000' });
        response.write('[{"market":');
        setTimeout(() => response.destroy(), 20);
      },
      13: (response) =>
        response.writeHead(429, { 'retry-after': '7', 'content-type': 'application/json' }).end('{"code":-1003,"msg":"Too many requests."}'),
    };
    const { requests } = await serve({
      misbehave: (_request, response, index) => {
        troubles[index]?.(response);
        return index in troubles;
      },
    });
    const { code, clock, notices } = await fetched();
    expect(code).toBe(0);
    expect(requests.length).toBeGreaterThan(13);
    expect(await bytes()).toEqual(whole);
    for (const wait of [3_000, 41_000, 7_000]) expect(clock.waits).toContain(wait);
    expect(notices).toMatch(/asked to slow down; again in 41 s/);
  });

  test('a source that is gone ends the fetch with its pages kept; the same command writes the same bytes and asks for no page twice', async () => {
    const { requests } = await serve();
    await fetched();
    const [expected, all] = [await bytes(), requests.length];
    await rm(out, { recursive: true });
    let asked = 0;
    for (const stopAt of [3, 5, 6]) {
      const broken = await serve({
        misbehave: (_request, response, index) => {
          if (index > stopAt) response.destroy();
          return index > stopAt;
        },
      });
      const { code, problems } = await fetched();
      expect(code).toBe(1);
      expect(problems).toMatch(/given up after 8 tries.*\n.*the same command goes on/s);
      expect(await readdir(out)).toEqual(['.fetch']);
      asked += Math.min(broken.requests.length, stopAt);
    }
    const rest = await serve();
    expect((await fetched()).code).toBe(0);
    expect(await bytes()).toEqual(expected);
    // Each of the three began with the two lists of markets again.
    expect(asked + rest.requests.length).toBe(all + 3 * 2);
  });

  test('a page that the disk spoilt is fetched again', async () => {
    await serve();
    await fetched();
    const expected = await bytes();
    await rm(out, { recursive: true });
    await serve({ misbehave: (request, response) => (request.url?.includes('funding') === true ? (response.destroy(), true) : false) });
    expect((await fetched()).code).toBe(1);
    const pages = join(out, '.fetch', 'pages');
    const [name = ''] = await readdir(pages);
    await writeFile(join(pages, name), '{"rows":[[17');
    await serve();
    await fetched();
    expect(await bytes()).toEqual(expected);
  });

  test('whoever is sent away for a day is told so at once', async () => {
    await serve({ misbehave: (_request, response) => (response.writeHead(418, { 'retry-after': '86400' }).end('blocked'), true) });
    const { code, problems, clock } = await fetched();
    expect(code).toBe(1);
    expect(problems).toMatch(/sent away for 1440 minutes/);
    expect(clock.waits).toEqual([]);
  });

  test('a request that is refused is not repeated', async () => {
    const { requests } = await serve({
      misbehave: (request, response) =>
        request.url?.includes('klines') === true ? (response.writeHead(400).end('{"code":-1121,"msg":"Invalid symbol."}'), true) : false,
    });
    expect((await fetched()).problems).toMatch(/-1121/);
    expect(requests.filter((path) => path.includes('klines'))).toHaveLength(1);
  });

  test('ended by SIGINT it leaves whole pages only, and goes on', async () => {
    await serve();
    await fetched();
    const expected = await bytes();
    await rm(out, { recursive: true });
    const { url, requests } = await serve();
    const args = [
      'data',
      'fetch',
      '--from',
      '2025-09-05T12:00Z',
      '--to',
      '2025-09-06T12:00Z',
      '--out',
      out,
      '--upbit-url',
      url,
      '--binance-url',
      url,
      '--fx-url',
      url,
    ];
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    while (requests.length < 6 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(stderr).toMatch(/nothing half-written/);
    expect(await readdir(out)).toEqual(['.fetch']);
    await fetched();
    expect(await bytes()).toEqual(expected);
  }, 30_000);
});

describe('refused before anything is asked', () => {
  test.each([
    { options: { from: '2025-09-06', to: '2025-09-05' }, text: /--to: .* does not lie behind --from/ },
    { options: { from: '2025-09-05', to: '2025-09-05' }, text: /--to: .* does not lie behind/ },
    { options: { to: '2026-03-01' }, text: /--to: .* is not past yet/ },
    { options: { from: '2018-01-01' }, text: /--from: .* before the first candle of the perpetual/ },
    { options: { from: 'yesterday' }, text: /--from: expected a day/ },
    { options: { from: '2025-09-05T12:00:30Z' }, text: /--from: .* is not the beginning of a 1m candle\n.*2025-09-05T12:00:00Z/ },
    { options: { timeframe: '1d' }, text: /is not the beginning of a 1d candle/ },
    { options: { fx: 'fixed:1.39' }, text: /--fx: expected frankfurter or fixed/ },
    { options: { upbitUrl: 'localhost:80' }, text: /--upbit-url: expected a URL/ },
    { options: { binanceUrl: 'https://user:pass@host' }, text: /--binance-url: expected a URL/ },
  ] as const)('$options', async ({ options, text }) => {
    const { requests } = await serve();
    await expect(fetched(options)).rejects.toThrow(text);
    expect(requests).toEqual([]);
  });

  test("a file of the user's own is not overwritten, a fetched one is replaced", async () => {
    await serve();
    await fetched();
    const expected = await bytes();
    expect((await fetched()).code).toBe(0);
    expect(await bytes()).toEqual(expected);
    await writeFile(join(out, 'upbit-btc-krw-1m.csv'), 'timestamp,open\n');
    await expect(fetched()).rejects.toThrow(/upbit-btc-krw-1m.csv: is there already and was not fetched/);
  });

  test('another fetch that is unfinished in the folder is not mixed up with this one', async () => {
    await serve({ misbehave: (_request, response) => (response.writeHead(418, { 'retry-after': '86400' }).end('blocked'), true) });
    await fetched();
    await serve();
    await expect(fetched({ to: '2025-09-06T11:00Z' })).rejects.toThrow(/holds an unfinished fetch of something else/);
  });
});
