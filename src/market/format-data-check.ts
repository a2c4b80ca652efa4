import type { DataCheckReport } from './data-check.js';
import type { DataStatistics, VolumeStatistics } from './data-statistics.js';
import type { Gap } from './gaps.js';
import { instantText } from './row-rules.js';
import { schemaOf } from './table-schema.js';

const MINUTE_MS = 60_000;
const LABEL_WIDTH = 36;
const GAPS_SHOWN = 5;

/** `31,677`, `-0.79`; the same on every machine. */
export function numberText(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return 'N/A';
  // A negative figure that rounds to zero is zero.
  const [whole = '', fraction] = value
    .toFixed(decimals)
    .replace(/^-(0(?:\.0+)?)$/, '$1')
    .split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `90 s`, `1 h 41 min`, `3 d 5 h`: the two largest units. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return 'N/A';
  if (ms < 2 * MINUTE_MS && ms % MINUTE_MS !== 0) return `${numberText(ms / 1_000, 0)} s`;
  const minutes = Math.round(ms / MINUTE_MS);
  const parts = [
    [Math.floor(minutes / 1_440), 'd'],
    [Math.floor((minutes % 1_440) / 60), 'h'],
    [minutes % 60, 'min'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first === -1 ? [[0, 'min'] as const] : parts.slice(first, first + 2).filter(([count], index) => index === 0 || count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

const percent = (fraction: number, decimals = 3): string => (Number.isFinite(fraction) ? `${numberText(fraction * 100, decimals)} %` : 'N/A');
const line = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}${text}`;

/** The text of `hedgedrill data check`, without a newline at its end. */
export function formatDataCheck(report: DataCheckReport): string {
  const title = schemaOf(report.kind).title;
  const head = [
    `${report.file}: ${title}, every cell checked${report.synthetic ? '; SYNTHETIC' : ''}`,
    line('period (UTC)', `${instantText(report.from)} .. ${instantText(report.to)} (${durationText(report.to - report.from)})`),
    line('rows', `${numberText(report.rows, 0)}, ${report.stepMs === 0 ? 'irregular' : `one every ${durationText(report.stepMs)}`}`),
    ...gapLines(report.gaps, report.stepMs),
    line('SHA-256', report.hash),
  ];
  const body = report.kind === 'premium' ? premiumLines(report.statistics) : report.figures.map(figureLine);
  const notes = report.kind === 'premium' ? report.notes : [];
  return [...head, ...body, ...notes.map((note) => `  note: ${note}`), ...report.notices.map((notice) => `  notice: ${notice}`)].join('\n');
}

const figureLine = ({ name, value, unit, decimals }: { name: string; value: number; unit: string; decimals: number }): string =>
  line(name, `${numberText(value, decimals)}${unit === '' ? '' : ` ${unit}`}`);

function gapLines(gaps: readonly Gap[], stepMs: number): readonly string[] {
  const rule = stepMs === 0 ? 'more than 24 h between rows' : 'more than 1.5 steps between rows';
  if (gaps.length === 0) return [line('gaps', `none (${rule})`)];
  const longest = gaps.toSorted((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from).slice(0, GAPS_SHOWN);
  return [
    line('gaps', `${numberText(gaps.length, 0)} (${rule})${gaps.length > longest.length ? `; the ${longest.length} longest:` : ':'}`),
    ...longest.map((gap) => line('', `${instantText(gap.from)} .. ${instantText(gap.to)} (${durationText(gap.to - gap.from)})`)),
  ];
}

function premiumLines(statistics: DataStatistics): readonly string[] {
  const { premium, lags, changes, dayRange, fx, leadLag, tether, funding, upbitSpread } = statistics;
  const spreadOfPremium = `mean ${percent(premium.mean)}, sd ${percent(premium.sd)}, 5 % ${percent(premium.p5)}, 95 % ${percent(premium.p95)}`;
  return [
    line('premium', spreadOfPremium),
    line('', `lowest ${percent(premium.min)}, highest ${percent(premium.max)}${statistics.stepMs === 0 ? ' (on a 30-minute grid)' : ''}`),
    ...lags.map(({ lagMs, autocorrelation, halfLifeMs }) =>
      line(`at a lag of ${durationText(lagMs)}`, `autocorrelation ${numberText(autocorrelation, 4)}, half-life ${durationText(halfLifeMs)}`),
    ),
    line('change from row to row', changes === undefined ? 'N/A: irregular rows' : changeText(changes)),
    line(
      'range within a day, mean',
      dayRange === undefined ? (statistics.stepMs === 0 ? 'N/A: irregular rows' : 'N/A: rows of a day or more') : percent(dayRange, 2),
    ),
    line(
      'FX steps',
      fx.steps === 0 ? 'none' : `${numberText(fx.steps, 0)}, mean size ${numberText(fx.meanPercent, 2)} %, largest ${numberText(fx.maxPercent, 2)} %`,
    ),
    line('Upbit with the foreign return', leadLag.length === 0 ? 'N/A: irregular rows' : leadLag.map(leadText).join(', ')),
    line('USDT/KRW', tether === undefined ? 'N/A: not in the data' : tetherText(tether)),
    line('Upbit volume a row (BTC)', volumeText(statistics.upbitVolume)),
    line('foreign volume a row (BTC)', volumeText(statistics.binanceVolume)),
    line(
      'Upbit spread from candles',
      upbitSpread === undefined
        ? 'N/A: no candles of 5 minutes or finer'
        : `${numberText(upbitSpread.rollBp, 1)} bp (Roll), ${numberText(upbitSpread.abdiRanaldoBp, 1)} bp (Abdi-Ranaldo): upper bounds`,
    ),
    line(
      'funding',
      funding === undefined
        ? 'N/A: no rates of this period'
        : `${numberText(funding.settlements, 0)} settlements, mean ${percent(funding.mean, 4)}, negative ${percent(funding.negativeShare, 0)}, ${percent(funding.min, 4)} .. ${percent(funding.max, 4)}`,
    ),
    ...statistics.years.map(({ year, mean, sd, min, max }) =>
      line(String(year), `mean ${percent(mean, 2)}, sd ${percent(sd, 2)}, lowest ${percent(min, 2)}, highest ${percent(max, 2)}`),
    ),
  ];
}

const changeText = (changes: NonNullable<DataStatistics['changes']>): string =>
  `sd ${numberText(changes.sdBp, 1)} bp, excess kurtosis ${numberText(changes.excessKurtosis, 1)}, ` +
  `autocorrelation ${numberText(changes.autocorrelation, 2)}, above 10 bp in ${percent(changes.shareAbove10Bp, 1)} (outside FX steps and gaps)`;

const leadText = ({ lag, correlation }: { lag: number; correlation: number }): string =>
  `${numberText(correlation, 2)} ${lag === 0 ? 'in the same row' : `${Math.abs(lag)} ${lag > 0 ? 'earlier' : 'later'}`}`;

const tetherText = (tether: NonNullable<DataStatistics['tether']>): string =>
  `premium against USDT: mean ${percent(tether.versusUsdtMean, 2)}, sd ${percent(tether.versusUsdtSd, 2)} ` +
  `(1 % ${percent(tether.p1, 2)}, 99 % ${percent(tether.p99, 2)}); premium and USDT premium correlate ${numberText(tether.correlation, 3)}`;

const volumeText = (volume: VolumeStatistics | undefined): string =>
  volume === undefined
    ? 'N/A: no candles'
    : `median ${numberText(volume.median, 2)}, 5 % ${numberText(volume.p5, 2)}, 95 % ${numberText(volume.p95, 2)}`;
