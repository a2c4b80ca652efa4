import type { Clock } from '../clock/clock.js';
import { InputError } from '../core/input-error.js';
import { epochMs } from '../core/units.js';
import { SYMBOLS } from '../exchange/client-params.js';
import { usdtTimeframe } from '../market/datasets.js';
import { FIXING_KNOWN_AFTER_MS } from '../market/fx.js';
import { BINANCE_PAGE, binanceCandles, fundingRates, UPBIT_PAGE, upbitCandles } from './candle-pages.js';
import { stepMsOf, TIMEFRAMES, type FetchPlan, type Timeframe } from './fetch-plan.js';
import type { PageStore, Row } from './page-store.js';
import { PublicSource } from './public-source.js';
import { FrankfurterRates } from './usd-krw.js';

const DAY_MS = 86_400_000;
/** The longest bank holiday and a weekend: the first row needs the rate from before it. */
const FX_BEFORE_MS = 10 * DAY_MS;
const FX_PAGE_MS = 365 * DAY_MS;
/** 300 settlements, or 600 where they come every four hours: below what one answer holds. */
const FUNDING_PAGE_MS = 100 * DAY_MS;
/** A settlement is stamped up to some seconds after its slot. */
const FUNDING_LATE_MS = 10_000;
const USDT_SYMBOL = 'USDT/KRW';

export type SeriesName = 'upbit' | 'binance' | 'usdtKrw' | 'funding' | 'fx';

/** One series as its pages; each is read by itself, so that the order of reading and breaks in it change nothing. */
export interface Series {
  readonly name: SeriesName;
  /** For progress and comments. */
  readonly title: string;
  /** The request behind it, for the file's provenance. */
  readonly provenance: string;
  readonly pages: readonly { readonly from: number; readonly to: number }[];
  readonly read: (from: number, to: number) => Promise<readonly Row[]>;
}

/** Told how far it is; a subset of what a run's observer is. */
export interface FetchObserver {
  progress(phase: string, done: number, total: number, unit?: string): void;
  notice(line: string): void;
}

/**
 * What is to be fetched from where.
 *
 * @throws InputError when a venue does not list a leg's market.
 */
export async function seriesOf(plan: FetchPlan, clock: Clock, notice: (line: string) => void): Promise<readonly Series[]> {
  const upbit = await PublicSource.of('upbit', plan.upbitUrl, clock, notice);
  const binance = await PublicSource.of('binance', plan.binanceUrl, clock, notice);
  for (const [source, symbol, where, key] of [
    [upbit, SYMBOLS.upbit, plan.upbitUrl ?? 'Upbit', '--upbit-url'],
    [binance, SYMBOLS.binance, plan.binanceUrl ?? 'Binance', '--binance-url'],
  ] as const) {
    if (!(await source.lists(symbol))) throw new InputError(`${where} does not list ${symbol}`, { key }, 'is this another server than it should be?');
  }
  const usdt = await upbit.lists(USDT_SYMBOL);
  if (!usdt) notice(`${plan.upbitUrl ?? 'Upbit'} does not list ${USDT_SYMBOL}: there will be no premium against USDT.`);
  return [
    upbitSeries('upbit', upbit, plan, SYMBOLS.upbit, plan.timeframe),
    binanceSeries(binance, plan),
    fundingSeries(binance, plan),
    ...(usdt ? [upbitSeries('usdtKrw', upbit, plan, USDT_SYMBOL, usdtTimeframe(plan.timeframe) as Timeframe)] : []),
    ...fxSeries(plan, clock, notice),
  ];
}

function upbitSeries(name: 'upbit' | 'usdtKrw', source: PublicSource, plan: FetchPlan, symbol: string, timeframe: Timeframe): Series {
  const stepMs = TIMEFRAMES[timeframe];
  // A close is carried for two of its own steps, so that the first rows need those before them.
  const lead = name === 'usdtKrw' ? 2 * stepMs : 0;
  const [from, to] = [Math.floor(plan.from / stepMs) * stepMs - lead, Math.floor(plan.to / stepMs) * stepMs];
  return {
    name,
    title: `Upbit ${symbol} ${timeframe}`,
    provenance: `Upbit ${symbol} candles of ${timeframe}, labelled by their open, from ${plan.upbitUrl ?? 'https://api.upbit.com'}/v1/candles`,
    pages: windows(from, to, UPBIT_PAGE * stepMs),
    read: (first, end) => upbitCandles(source, { symbol, timeframe, stepMs, from: first, to: end }),
  };
}

function binanceSeries(source: PublicSource, plan: FetchPlan): Series {
  const [stepMs, symbol] = [stepMsOf(plan), SYMBOLS.binance];
  return {
    name: 'binance',
    title: `Binance ${symbol} ${plan.timeframe}`,
    provenance: `Binance USD-M ${symbol} candles of ${plan.timeframe}, labelled by their open, from ${plan.binanceUrl ?? 'https://fapi.binance.com'}/fapi/v1/klines`,
    pages: windows(plan.from, plan.to, BINANCE_PAGE * stepMs),
    read: (from, to) => binanceCandles(source, { symbol, timeframe: plan.timeframe, stepMs, from, to }),
  };
}

function fundingSeries(source: PublicSource, plan: FetchPlan): Series {
  return {
    name: 'funding',
    title: 'Binance funding',
    provenance: `Binance USD-M ${SYMBOLS.binance} settled funding, from ${plan.binanceUrl ?? 'https://fapi.binance.com'}/fapi/v1/fundingRate`,
    pages: windows(plan.from, plan.to + FUNDING_LATE_MS, FUNDING_PAGE_MS),
    read: (from, to) => fundingRates(source, SYMBOLS.binance, from, to - 1),
  };
}

function fxSeries({ fx, from, to }: FetchPlan, clock: Clock, notice: (line: string) => void): readonly Series[] {
  if (fx.kind === 'fixed') return [];
  const rates = new FrankfurterRates(fx.url, clock, notice);
  const day = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;
  const [first, end] = [day(from - FX_BEFORE_MS), day(to - FIXING_KNOWN_AFTER_MS - 1) + DAY_MS];
  return [
    {
      name: 'fx',
      title: 'USD/KRW',
      provenance: `USD/KRW reference rates of the European Central Bank by day, known from 15:00 UTC on, from ${fx.url}/v1`,
      pages: windows(first, end, FX_PAGE_MS),
      read: (a, b) => rates.read(epochMs(a), epochMs(b - DAY_MS)),
    },
  ];
}

function windows(from: number, to: number, lengthMs: number): readonly { readonly from: number; readonly to: number }[] {
  const pages: { from: number; to: number }[] = [];
  for (let start = from; start < to; start += lengthMs) pages.push({ from: start, to: Math.min(start + lengthMs, to) });
  return pages;
}

const pageName = ({ name }: Series, { from, to }: { readonly from: number; readonly to: number }): string => `${name}-${from}-${to}`;

/** Reads the pages of a series that the store lacks. */
export async function fetchPages(series: Series, store: PageStore, observer: FetchObserver): Promise<void> {
  const { pages, title } = series;
  observer.progress(title, 0, pages.length, 'pages');
  for (const [index, page] of pages.entries()) {
    const name = pageName(series, page);
    if ((await store.read(name)) === undefined) await store.write(name, await series.read(page.from, page.to));
    observer.progress(title, index + 1, pages.length, 'pages');
  }
}

/** Every row of a series whose pages are there, in order. */
export async function* rowsOf(series: Series, store: PageStore): AsyncGenerator<Row> {
  for (const page of series.pages) yield* (await store.read(pageName(series, page))) ?? [];
}
