import { InputError } from '../core/input-error.js';
import { asOf } from './align.js';
import type { FundingSeries } from './bars.js';
import { columnOf, type ColumnTable } from './column-table.js';
import { presentFiles, readCandles, type CompanionFiles, type Reading } from './companions.js';
import { FIXING_KNOWN_AFTER_MS, FX_AGE_MS_MAX, looksLive, type FxKind, type FxValues } from './fx.js';
import { usualStep } from './gaps.js';
import { instantText } from './row-rules.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FUNDING_STEP_MS = 8 * HOUR_MS;
/** How many of its own steps a KRW-USDT close is carried before it counts as absent. */
const USDT_STEPS_MAX = 2;

/** KRW-USDT at each row: the table's own, else the last known close of the candles beside it, else NaN. */
export async function loadUsdtKrw(
  reading: Reading,
  own: Float64Array | undefined,
  wanted: CompanionFiles,
  time: Float64Array,
): Promise<Float64Array> {
  const companion = await presentFiles(wanted);
  if (own !== undefined && !companion.explicit) {
    const known = own.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
    if (known < own.length)
      reading.notes.push(`${own.length - known} of ${own.length} rows have no USDT/KRW: the premium against USDT is N/A there.`);
    return own;
  }
  if (companion.files.length === 0) {
    reading.notes.push('No USDT/KRW: the premium against USDT is N/A.');
    return new Float64Array(time.length).fill(Number.NaN);
  }
  const candles = await readCandles(reading, companion.files, 'usdt-candles');
  const knownAt = candles.time.map((open) => open + candles.stepMs);
  const { value } = asOf(time, { knownAt, value: candles.close }, USDT_STEPS_MAX * candles.stepMs);
  const absent = value.reduce((count, rate) => count + (Number.isNaN(rate) ? 1 : 0), 0);
  reading.notes.push(
    `USDT/KRW is the last close of ${candles.stepMs / 60_000}-minute candles, at most ${(USDT_STEPS_MAX * candles.stepMs) / 60_000} min old` +
      `${absent === 0 ? '' : `; ${absent} of ${time.length} rows have none`}.`,
  );
  return value;
}

/** USD/KRW from a file that the user named, as it was known at each row. */
export async function loadFx(reading: Reading, file: string, time: Float64Array): Promise<FxValues> {
  const table = await reading.read(file, 'fx');
  const fixing = table.columns.get('usdkrw');
  const label = columnOf(table, 'timestamp');
  const step = usualStep(label);
  const daily = step === 0 || step >= DAY_MS;
  const delay = daily ? (fixing === undefined ? DAY_MS : FIXING_KNOWN_AFTER_MS) : step;
  const known = asOf(time, { knownAt: label.map((open) => open + delay), value: fixing ?? columnOf(table, 'close') }, Number.POSITIVE_INFINITY);
  const missing = known.value.findIndex(Number.isNaN);
  if (missing !== -1) {
    const hint = `It is first known at ${instantText((label[0] ?? Number.NaN) + delay)}: give a file that begins earlier, or start later with --from.`;
    throw new InputError(`has no USD/KRW yet at the row of ${instantText(time[missing] ?? Number.NaN)}`, { file }, hint);
  }
  const minutes = FX_AGE_MS_MAX.live / 60_000;
  reading.notes.push(
    daily
      ? `USD/KRW is from ${file.split('/').at(-1)}: each day's rate from ${delay / HOUR_MS}:00 UTC on.`
      : `USD/KRW is the last close of ${step / 60_000}-minute bars from ${file.split('/').at(-1)}: values older than ${minutes} min start no entry.`,
  );
  return {
    usdKrw: known.value,
    live: new Uint8Array(time.length).fill(daily ? 0 : 1),
    quotedAt: daily ? undefined : known.knownAt,
    kind: daily ? 'daily' : 'live',
  };
}

/** The table's own USD/KRW, and row by row whether it was quoted live. */
export function tableFx(reading: Reading, table: ColumnTable, stated: FxKind | undefined, stepMs: number): FxValues {
  const usdKrw = columnOf(table, 'usdkrw');
  const source = table.columns.get('fx_source');
  const liveCode = table.labels.get('fx_source')?.indexOf('live') ?? -1;
  if (source !== undefined && liveCode !== -1) {
    const live = Uint8Array.from(source, (code) => (code === liveCode ? 1 : 0));
    const liveRows = live.reduce((sum, flag) => sum + flag, 0);
    reading.notes.push(`USD/KRW was quoted live in ${liveRows} of ${table.rows} rows and is a daily rate in the others (column fx_source).`);
    return { usdKrw, live, kind: 'live' };
  }
  const kind = stated ?? (looksLive(usdKrw, stepMs) ? 'live' : 'daily');
  if (kind === 'daily') reading.notes.push('USD/KRW is a daily rate: it steps once a business day, and each step moves the premium the other way.');
  if (stated === undefined) reading.notes.push(`Whether USD/KRW is live or daily is told by how often it changes: ${kind}.`);
  return { usdKrw, live: new Uint8Array(table.rows).fill(kind === 'live' ? 1 : 0), kind };
}

/** Settlements within the rows' period and the first one after it. */
export async function loadFunding(reading: Reading, wanted: CompanionFiles, time: Float64Array): Promise<FundingSeries> {
  const companion = await presentFiles(wanted);
  const none: FundingSeries = { time: new Float64Array(0), rate: new Float64Array(0) };
  const [file] = companion.files;
  if (file === undefined) {
    reading.notes.push('No funding rates: funding is not part of the result.');
    return none;
  }
  const table = await reading.read(file, 'funding');
  const settled = columnOf(table, 'timestamp');
  const [start, end] = [time[0] ?? Number.NaN, (time.at(-1) ?? Number.NaN) + FUNDING_STEP_MS];
  const first = settled.findIndex((at) => at > start);
  const after = settled.findIndex((at) => at > end);
  const series: FundingSeries =
    first === -1
      ? none
      : {
          time: settled.slice(first, after === -1 ? undefined : after),
          rate: columnOf(table, 'funding_rate').slice(first, after === -1 ? undefined : after),
        };
  if (series.time.length === 0) {
    const covered = `${instantText(settled[0] ?? Number.NaN)} .. ${instantText(settled.at(-1) ?? Number.NaN)}`;
    if (companion.explicit)
      throw new InputError(`covers ${covered}, no settlement of the table's period`, { file }, 'Give the funding of the same days.');
    reading.notes.push(`Funding rates cover ${covered} only: funding is not part of the result.`);
    return series;
  }
  noteFundingHoles(reading, series, time);
  return series;
}

function noteFundingHoles(reading: Reading, series: FundingSeries, time: Float64Array): void {
  // Settlements that rows straddle are missing; those within a gap of the rows are missed by nobody.
  const expected = new Set<number>();
  for (let row = 1; row < time.length; row += 1) {
    const slot = Math.floor((time[row] ?? 0) / FUNDING_STEP_MS) * FUNDING_STEP_MS;
    if (slot > (time[row - 1] ?? 0)) expected.add(slot);
  }
  // A settlement is stamped up to a few seconds after its slot.
  for (const at of series.time) expected.delete(Math.floor(at / FUNDING_STEP_MS) * FUNDING_STEP_MS);
  if (expected.size > 0) reading.notes.push(`${expected.size} funding settlements of the period are missing: nothing is paid or received there.`);
}
