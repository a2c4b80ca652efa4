import type { Row } from './page-store.js';
import type { PublicSource } from './public-source.js';

/** What one page of candles is asked for: those that open in [from, to). */
export interface CandlePage {
  readonly symbol: string;
  readonly timeframe: string;
  readonly stepMs: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Upbit gives at most 200 candles before an instant, whatever is asked for, and says nothing of it. A page is one less, so
 * that it is whole whether or not that instant counts.
 */
export const UPBIT_PAGE = 199;
const UPBIT_COUNT = 200;
/** 5 of weight; the longest page that ccxt asks for. */
export const BINANCE_PAGE = 1_000;
const FUNDING_COUNT = 1_000;

type Candle = readonly (number | undefined)[];

/** Upbit's candles, read backwards from the page's end until its beginning is covered: a page clipped shorter loses nothing. */
export async function upbitCandles(source: PublicSource, page: CandlePage): Promise<readonly Row[]> {
  const rows = new Map<number, Row>();
  for (let end = page.to; end > page.from;) {
    const to = `${new Date(end).toISOString().slice(0, 19)}Z`;
    const found = await source.read(
      `${page.symbol} ${page.timeframe} candles before ${to}`,
      async (client) => (await client.fetchOHLCV(page.symbol, page.timeframe, undefined, UPBIT_COUNT, { to })) as Candle[],
      (candles) => candleProblem(candles, page.stepMs, Number.NEGATIVE_INFINITY, end),
    );
    const before = (found as unknown as readonly Row[]).filter(([open]) => open < end);
    for (const row of before) if (row[0] >= page.from) rows.set(row[0], figuresOf(row));
    const earliest = before.reduce((least, [open]) => Math.min(least, open), Number.POSITIVE_INFINITY);
    // Nothing before it: the market began there.
    if (before.length === 0) break;
    end = earliest;
  }
  return [...rows.values()].sort(([a], [b]) => a - b);
}

/** Binance's candles, read forwards from the page's beginning until its end. */
export async function binanceCandles(source: PublicSource, page: CandlePage): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let from = page.from; from < page.to;) {
    const found = await source.read(
      `${page.symbol} ${page.timeframe} candles from ${new Date(from).toISOString()}`,
      async (client) => (await client.fetchOHLCV(page.symbol, page.timeframe, from, BINANCE_PAGE, { until: page.to - 1 })) as Candle[],
      (candles) => candleProblem(candles, page.stepMs, from, page.to - 1),
    );
    const last = found.at(-1)?.[0];
    if (last === undefined) break;
    rows.push(...(found as unknown as readonly Row[]).map(figuresOf));
    from = last + page.stepMs;
  }
  return rows;
}

/** Settled funding of [from, to], read forwards. */
export async function fundingRates(source: PublicSource, symbol: string, from: number, to: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let since = from; since <= to;) {
    const found = await source.read(
      `${symbol} funding from ${new Date(since).toISOString()}`,
      async (client) => client.fetchFundingRateHistory(symbol, since, FUNDING_COUNT, { until: to }),
      (rates) => fundingProblem(rates, since, to),
    );
    const last = found.at(-1)?.timestamp;
    if (last === undefined) break;
    rows.push(...found.map(({ timestamp, fundingRate }): Row => [timestamp ?? Number.NaN, fundingRate ?? Number.NaN]));
    since = last + 1;
  }
  return rows;
}

const figuresOf = ([open, ...figures]: Row): Row => [open, ...figures.slice(0, 5)];

/** ccxt makes rows of anything: a page of a proxy becomes candles without a time. */
function candleProblem(candles: readonly Candle[], stepMs: number, from: number, last: number): string | undefined {
  let previous = Number.NEGATIVE_INFINITY;
  for (const candle of candles) {
    const [open, ...figures] = candle;
    if (open === undefined || !Number.isSafeInteger(open) || open % stepMs !== 0) return 'a candle does not open at a multiple of its length';
    if (figures.length < 5 || !figures.slice(0, 5).every((figure) => Number.isFinite(figure))) return 'a candle has a figure that is no number';
    if (open <= previous) return 'the candles are not in order';
    if (open < from || open > last) return 'a candle lies outside of what was asked for';
    previous = open;
  }
  return undefined;
}

interface Settlement {
  readonly timestamp?: number | undefined;
  readonly fundingRate?: number | undefined;
}

function fundingProblem(rates: readonly Settlement[], since: number, to: number): string | undefined {
  let previous = Number.NEGATIVE_INFINITY;
  for (const { timestamp, fundingRate } of rates) {
    if (timestamp === undefined || !Number.isSafeInteger(timestamp)) return 'a settlement has no time';
    if (fundingRate === undefined || !Number.isFinite(fundingRate)) return 'a settlement has no rate';
    if (timestamp <= previous || timestamp < since || timestamp > to) return 'a settlement is out of order or outside of what was asked for';
    previous = timestamp;
  }
  return undefined;
}
