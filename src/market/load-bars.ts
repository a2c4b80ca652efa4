import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { InputError } from '../core/input-error.js';
import type { EpochMs } from '../core/units.js';
import { premiumAgainst } from '../hedge/premium.js';
import type { PremiumBars } from './bars.js';
import { columnOf, type ColumnTable } from './column-table.js';
import { Reading, type CompanionFiles } from './companions.js';
import { besideTable, FETCHED_MARK, knownDataset, unknownDataset, type Dataset } from './datasets.js';
import { followFx, type FxValues } from './fx.js';
import { gapFlags, usualStep } from './gaps.js';
import { loadLegs, pick, type LegColumns } from './load-legs.js';
import { loadFunding, loadFx, loadUsdtKrw, tableFx } from './load-rates.js';
import { instantText } from './row-rules.js';
import { firstRowFrom, sliceBars } from './slice-bars.js';

export interface LoadBarsOptions {
  /** The premium table: CSV, plain or gzipped. */
  readonly data: string;
  /** Candle files that take the place of those beside a known table. */
  readonly upbit?: string | undefined;
  readonly perp?: string | undefined;
  readonly usdtKrw?: string | undefined;
  readonly funding?: string | undefined;
  /** USD/KRW that takes the place of the table's own. */
  readonly fx?: string | undefined;
  /** `defaultCacheDir()` when absent. */
  readonly cacheDir?: string | undefined;
  /** The first instant that is read, and the first one that is not any more. */
  readonly from?: EpochMs | undefined;
  readonly to?: EpochMs | undefined;
  /** Whether the companions of a known table are looked for beside it; true by default. */
  readonly useCompanions?: boolean | undefined;
}

export interface LoadedBars {
  readonly bars: PremiumBars;
  /** Lines for the user, one each; nothing is printed here. */
  readonly notices: readonly string[];
}

/**
 * Reads a premium table and what goes with it into aligned columns. Rows keep their times; a gap stays a gap.
 *
 * @throws InputError for anything wrong with a file, with file, line and column; when no row is left in the asked
 * period; and when a file that the user named does not fit the table.
 */
export async function loadBars(options: LoadBarsOptions): Promise<LoadedBars> {
  const reading = new Reading(options.cacheDir);
  const table = await reading.read(options.data, 'premium');
  const synthetic = table.comments.some((comment) => /synthetic/i.test(comment));
  const fetched = table.comments[0]?.startsWith(FETCHED_MARK) === true;
  if (fetched) reading.notes.push(...table.comments);
  const dataset = knownDataset(options.data, { synthetic, fetched }) ?? unknownDataset(options.data, [...table.columns.keys()]);
  if (synthetic) reading.notes.push('SYNTHETIC data: calibrated on published statistics, never traded.');
  reading.notes.push(...dataset.notes);
  const files = (role: 'upbit' | 'binance' | 'usdtKrw' | 'funding', named: string | undefined): CompanionFiles => {
    if (named !== undefined) return { files: [named], explicit: true };
    return { files: options.useCompanions === false ? [] : dataset[role].map((file) => besideTable(options.data, file)), explicit: false };
  };

  const legs = await loadLegs(reading, tableLegs(table, dataset), files('upbit', options.upbit), files('binance', options.perp));
  const { time, kept } = legs;
  const own = table.columns.get('upbit_usdt_krw');
  const usdtKrw = await loadUsdtKrw(
    reading,
    own === undefined || kept === undefined ? own : pick(own, kept),
    files('usdtKrw', options.usdtKrw),
    time,
  );
  const fx =
    options.fx === undefined ? keepRows(tableFx(reading, table, dataset.fxKind, legs.stepMs), kept) : await loadFx(reading, options.fx, time);
  const funding = await loadFunding(reading, files('funding', options.funding), time);

  const afterGap = gapFlags(time, legs.stepMs);
  const followed = followFx({ time, usdKrw: fx.usdKrw, afterGap, live: fx.live, quotedAt: fx.quotedAt });
  const bars: PremiumBars = {
    time,
    upbitKrw: legs.upbitKrw,
    binanceUsdt: legs.binanceUsdt,
    usdKrw: fx.usdKrw,
    usdtKrw,
    premium: legs.upbitKrw.map((upbit, row) => premiumAgainst(upbit, legs.binanceUsdt[row] ?? Number.NaN, fx.usdKrw[row] ?? Number.NaN)),
    upbitOhlc: legs.upbitOhlc,
    binanceOhlc: legs.binanceOhlc,
    afterGap,
    fxStep: followed.step,
    fxSince: followed.since,
    fxJump: followed.jump,
    fxLive: fx.live,
    length: time.length,
    stepMs: legs.stepMs,
    funding,
    source: {
      name: basename(options.data),
      hash: createHash('sha256').update(reading.hashes.join('\n')).digest('hex'),
      synthetic,
      foreignLeg: legs.foreignLeg,
      perpBasis: legs.perpBasis,
      fxKind: fx.kind,
      notes: reading.notes,
    },
  };
  return { bars: cut(bars, options), notices: reading.notices };
}

function tableLegs(table: ColumnTable, dataset: Dataset): LegColumns {
  const label = columnOf(table, 'timestamp');
  const time = dataset.labelShiftMs === 0 ? label : label.map((instant) => instant + dataset.labelShiftMs);
  return {
    time,
    stepMs: usualStep(time),
    upbitKrw: columnOf(table, 'upbit_krw'),
    binanceUsdt: table.columns.get('binance_usdt') ?? columnOf(table, 'bitstamp_usd'),
    foreignLeg: dataset.foreignLeg,
    perpBasis: dataset.perpBasis,
  };
}

const keepRows = (fx: FxValues, kept: Uint32Array | undefined): FxValues =>
  kept === undefined ? fx : { ...fx, usdKrw: pick(fx.usdKrw, kept), live: Uint8Array.from(kept, (row) => fx.live[row] ?? 0) };

function cut(bars: PremiumBars, { data, from, to }: LoadBarsOptions): PremiumBars {
  const first = from === undefined ? 0 : firstRowFrom(bars.time, from);
  const end = to === undefined ? bars.length : firstRowFrom(bars.time, to);
  if (first >= end) {
    const asked = `${from === undefined ? 'the start' : instantText(from)} .. ${to === undefined ? 'the end' : instantText(to)}`;
    const covered = `${instantText(bars.time[0] ?? Number.NaN)} .. ${instantText(bars.time.at(-1) ?? Number.NaN)}`;
    throw new InputError(`has no row in ${asked}; it covers ${covered}`, { file: data }, 'Change --from or --to.');
  }
  return first === 0 && end === bars.length ? bars : sliceBars(bars, first, end);
}
