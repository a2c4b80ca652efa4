/** Colours of Okabe and Ito, told apart by the colour-blind and in grey print by their lightness. */
export const PALETTE = {
  ink: '#1c1f24',
  soft: '#5b6470',
  rule: '#d9dde3',
  blue: '#0072b2',
  sky: '#56b4e9',
  green: '#00795a',
  orange: '#e69f00',
  red: '#c44601',
  purple: '#9b4f80',
} as const;

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans KR", sans-serif';

/** A Vega-Lite specification; its library's own types are too wide to help here. */
export type Spec = Readonly<Record<string, unknown>>;

/** What every chart shares. */
export const CHART_CONFIG: Spec = {
  font: FONT,
  background: 'white',
  padding: { left: 4, right: 8, top: 6, bottom: 4 },
  view: { stroke: null },
  axis: {
    labelColor: PALETTE.soft,
    titleColor: PALETTE.soft,
    titleFontWeight: 'normal',
    labelFontSize: 11,
    titleFontSize: 11,
    gridColor: '#edf0f3',
    domainColor: PALETTE.rule,
    tickColor: PALETTE.rule,
    labelLimit: 220,
  },
  legend: {
    labelColor: PALETTE.soft,
    titleColor: PALETTE.soft,
    orient: 'top',
    labelFontSize: 11,
    title: null,
    symbolStrokeWidth: 2,
    symbolOpacity: 1,
  },
};

/** Inline data as CSV text, a third of the size of objects; null is an empty cell and breaks a line. */
export function csvData(columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): Spec {
  const types = Object.fromEntries(columns.map((name, index) => [name, typeof rows[0]?.[index] === 'string' ? 'string' : 'number']));
  return { values: [columns, ...rows].map((row) => row.map((cell) => cell ?? '').join(',')).join('\n'), format: { type: 'csv', parse: types } };
}

const KST_MS = 9 * 3_600_000;

/** The time axis: UTC above, Seoul below; the format follows the span. */
export function timeAxis(spanMs: number): Spec {
  const days = spanMs / 86_400_000;
  const format = days > 400 ? '%Y-%m' : days > 4 ? '%d %b' : spanMs > 1_200_000 ? '%d %b %H:%M' : '%H:%M:%S';
  const kst = days > 4 ? '' : `, utcFormat(time(datum.value) + ${KST_MS}, '${spanMs > 1_200_000 ? '%H:%M' : '%H:%M:%S'}') + ' KST'`;
  return {
    labelExpr: `[utcFormat(datum.value, '${format}')${kst}]`,
    labelOverlap: true,
    labelFlush: true,
    title: days > 4 ? 'day, UTC (KST is 9 h ahead)' : 'UTC, KST below',
    grid: false,
    tickCount: { signal: days > 4 ? 'max(3, floor(width / 90))' : 'max(2, floor(width / 130))' },
  };
}

/** An axis of KRW amounts: `150k`, `-2M`, and a plain 0. */
export const krwAxis = (title: string): Spec => ({ title, format: '~s', labelExpr: "datum.value === 0 ? '0' : datum.label" });
