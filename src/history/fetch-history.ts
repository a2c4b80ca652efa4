import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock/clock.js';
import { InputError } from '../core/input-error.js';
import { FETCHED_MARK, fetchedNames } from '../market/datasets.js';
import { GrowingColumn } from '../market/column-table.js';
import { loadBars } from '../market/load-bars.js';
import { instantText } from '../market/row-rules.js';
import { refuseRange, stepMsOf, type FetchPlan } from './fetch-plan.js';
import { fetchPages, rowsOf, seriesOf, type FetchObserver, type Series, type SeriesName } from './fetch-series.js';
import { csvRow, refuseStrangers, writeCsv } from './history-files.js';
import { PageStore, type Row } from './page-store.js';
import { premiumRows, type Closes } from './premium-rows.js';

export interface FetchOptions {
  readonly plan: FetchPlan;
  readonly out: string;
  readonly clock: Clock;
  /** Of this program; stands in every file. */
  readonly version: string;
  readonly observer: FetchObserver;
}

/** What was written. */
export interface FetchedHistory {
  /** The premium table first. */
  readonly files: readonly { readonly file: string; readonly rows: number; readonly note: string }[];
}

const CANDLES = 'timestamp,open,high,low,close,volume';
const HEADERS: Readonly<Record<SeriesName, string>> = {
  upbit: CANDLES,
  binance: CANDLES,
  usdtKrw: CANDLES,
  funding: 'timestamp,funding_rate',
  fx: 'timestamp,usdkrw',
};

/**
 * Builds the aligned history files of a period: candles of both legs, funding, KRW-USDT, USD/KRW and the premium table. A
 * break at any moment loses the page under way; the same call then goes on and writes the same bytes.
 *
 * @throws InputError for a bad range, for a place that holds something else, and when a leg has no candles;
 *   SourceFailedError when a source does not answer, with the finished pages kept.
 */
export async function fetchHistory({ plan, out, clock, version, observer }: FetchOptions): Promise<FetchedHistory> {
  refuseRange(plan, clock.now());
  const names = fetchedNames(plan.timeframe);
  await refuseStrangers(out, Object.values(names));
  const store = await PageStore.open(out, plan);
  const series = await seriesOf(plan, clock, (line) => observer.notice(line));
  for (const one of series) await fetchPages(one, store, observer);

  const writing = join(store.dir, 'writing');
  await mkdir(writing, { recursive: true });
  const files = new Map<string, { rows: number; note: string }>();
  const closes = new Map<SeriesName, Closes>();
  for (const one of series) {
    const found = await closesOf(one, store);
    closes.set(one.name, found);
    const rows = found.time.length;
    if (rows === 0) {
      if (one.name === 'upbit' || one.name === 'binance')
        throw new InputError(`${one.title} has no candle in ${periodOf(plan)}`, {}, 'choose another period');
      observer.notice(`${one.title} has nothing in ${periodOf(plan)}: its file is left out.`);
      continue;
    }
    const note = missingNote(one, plan, rows);
    await writeCsv(
      join(writing, names[one.name]),
      [`${FETCHED_MARK} ${version}: ${one.provenance}.`, note],
      HEADERS[one.name],
      lines(rowsOf(one, store)),
    );
    files.set(names[one.name], { rows, note });
  }
  const premium = await writePremium(join(writing, names.premium), plan, version, closes);
  // What cannot be read back is not delivered.
  await loadBars({ data: join(writing, names.premium), cacheDir: join(store.dir, 'cache') });
  for (const name of [...files.keys(), names.premium]) await rename(join(writing, name), join(out, name));
  await store.close();
  const written = [[names.premium, premium] as const, ...files];
  return { files: written.map(([name, told]) => ({ file: join(out, name), ...told })) };
}

async function writePremium(
  file: string,
  plan: FetchPlan,
  version: string,
  closes: ReadonlyMap<SeriesName, Closes>,
): Promise<{ rows: number; note: string }> {
  const [upbit, binance] = [closes.get('upbit'), closes.get('binance')];
  const rates = plan.fx.kind === 'fixed' ? plan.fx.rate : closes.get('fx');
  if (upbit === undefined || binance === undefined || rates === undefined) throw new InputError('a series of the premium is missing');
  const { lines: rowLines, rows, withoutPartner, withoutRate } = premiumRows(upbit, binance, rates, stepMsOf(plan));
  if (rows === 0) throw new InputError(`no moment of ${periodOf(plan)} has both candles and a USD/KRW`, {}, 'choose another period');
  const note = `${periodOf(plan)}; ${withoutPartner} candles have none on the other leg and ${withoutRate} rows had no USD/KRW of the last 120 h: they are left out.`;
  const fx =
    plan.fx.kind === 'fixed'
      ? `USD/KRW is fixed at ${plan.fx.rate}: a constant for tests, no data`
      : `USD/KRW is the European Central Bank's daily reference rate from ${plan.fx.url}`;
  const about = `${FETCHED_MARK} ${version}: closes of Upbit BTC/KRW${at(plan.upbitUrl)} and of the Binance perpetual${at(plan.binanceUrl)}, rows labelled by when they had closed.`;
  await writeCsv(file, [about, `${fx}.`, note], 'timestamp,upbit_krw,binance_usdt,usdkrw,premium', rowLines());
  return { rows, note };
}

/** Data of another server says so. */
const at = (url: string | undefined): string => (url === undefined ? '' : ` at ${url}`);

const periodOf = ({ from, to }: FetchPlan): string => `${instantText(from)} .. ${instantText(to)}`;

function missingNote({ name, pages }: Series, plan: FetchPlan, rows: number): string {
  if (name === 'funding' || name === 'fx') return `${periodOf(plan)}; ${rows} rows, as the source has them.`;
  const stepMs = name === 'usdtKrw' ? Math.max(stepMsOf(plan), 3_600_000) : stepMsOf(plan);
  const possible = pages.reduce((sum, { from, to }) => sum + (to - from) / stepMs, 0);
  return `${periodOf(plan)}; ${possible - rows} of ${possible} candles are missing at the source and stay missing.`;
}

async function* lines(rows: AsyncIterable<Row>): AsyncGenerator<string> {
  for await (const row of rows) yield csvRow(row);
}

/** Times and closes; the only figure of a series without candles is its last one, too. */
async function closesOf(series: Series, store: PageStore): Promise<Closes> {
  const [time, close] = [new GrowingColumn(), new GrowingColumn()];
  const index = HEADERS[series.name] === CANDLES ? 4 : 1;
  for await (const row of rowsOf(series, store)) {
    time.push(row[0]);
    close.push(row[index] ?? Number.NaN);
  }
  return { time: time.finish(), close: close.finish() };
}
