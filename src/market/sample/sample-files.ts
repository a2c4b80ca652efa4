import { normalFromUniform, RandomStreams } from '../../core/random.js';
import { onTick, perpMarket, sampleCandles, upbitMarket, type SampleCandles } from './sample-candles.js';
import { DAY_MINUTES, MINUTE_MS, OUTAGE, QUIET_MINUTES, SAMPLE_MINUTES, SAMPLE_START_MS, TARGET } from './sample-parameters.js';
import { FIRST_FIXING_DAY, fixingIndexAt, sampleWorld, type SampleWorld } from './sample-world.js';

/** A file of the sample: its name and its whole text. */
export interface SampleFile {
  readonly name: string;
  readonly text: string;
}

const FUNDING_MINUTES = 8 * 60;
const USDT_TICK = 0.5;

const label = (minute: number): number => SAMPLE_START_MS + minute * MINUTE_MS;
const quiet = new Set<number>(QUIET_MINUTES);
/** Whether Upbit has no candle for this minute. */
const upbitSilent = (minute: number): boolean => quiet.has(minute) || (minute >= OUTAGE.minute && minute < OUTAGE.minute + OUTAGE.minutes);

/** Every data file of the sample, and the world behind it of which no file shows all; the same seed gives the same bytes. */
export function renderSample(seed: number | string): { readonly files: readonly SampleFile[]; readonly world: SampleWorld } {
  const streams = new RandomStreams(seed);
  const world = sampleWorld(streams);
  const upbit = sampleCandles(streams, world, upbitMarket(world));
  const perp = sampleCandles(streams, world, perpMarket(world));
  const head = (what: string, columns: string): string =>
    `# SYNTHETIC ${what}, made by "hedgedrill data sample" with seed ${seed}. No market ever traded at these prices.\n${columns}\n`;
  const candleColumns = 'timestamp,open,high,low,close,volume';
  const files = [
    { name: 'premium-1m.csv', text: head('premium table', 'timestamp,upbit_krw,binance_usdt,usdkrw,premium') + premiumRows(world, upbit, perp) },
    { name: 'upbit-btc-krw-1m.csv', text: head('Upbit BTC/KRW candles', candleColumns) + candleRows(upbit, (minute) => !upbitSilent(minute)) },
    { name: 'binance-btcusdt-perp-1m.csv', text: head('Binance BTCUSDT perpetual candles', candleColumns) + candleRows(perp, () => true) },
    { name: 'usdkrw-1d.csv', text: head('USD/KRW daily rates', 'timestamp,usdkrw') + fixingRows(world) },
    { name: 'upbit-usdt-krw-1h.csv', text: head('Upbit USDT/KRW candles', candleColumns) + tetherRows(streams, world) },
    { name: 'binance-funding-8h.csv', text: head('Binance BTCUSDT funding', 'timestamp,funding_rate') + fundingRows(streams) },
  ];
  return { files, world };
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

function premiumRows(world: SampleWorld, upbit: SampleCandles, perp: SampleCandles): string {
  const lines: string[] = [];
  for (let minute = 0; minute < SAMPLE_MINUTES; minute += 1) {
    if (upbitSilent(minute)) continue;
    const krw = upbit.close[minute] ?? Number.NaN;
    const usdt = perp.close[minute] ?? Number.NaN;
    // The row is observed at the end of its minute, and with it the rate of that moment.
    const rate = world.fixings[fixingIndexAt(minute + 1)] ?? Number.NaN;
    lines.push(`${label(minute + 1)},${krw},${usdt},${rate},${(krw / (usdt * rate) - 1).toFixed(6)}`);
  }
  return text(lines);
}

function candleRows(candles: SampleCandles, traded: (minute: number) => boolean): string {
  const lines: string[] = [];
  for (let minute = 0; minute < SAMPLE_MINUTES; minute += 1) {
    if (!traded(minute)) continue;
    lines.push(
      [label(minute), candles.open[minute], candles.high[minute], candles.low[minute], candles.close[minute], candles.volume[minute]].join(','),
    );
  }
  return text(lines);
}

const fixingRows = (world: SampleWorld): string =>
  text(world.fixings.map((rate, index) => `${label((index + FIRST_FIXING_DAY) * DAY_MINUTES)},${rate}`));

function tetherRows(streams: RandomStreams, world: SampleWorld): string {
  const uniform = streams.stream('sample/tether');
  const lines: string[] = [];
  for (let hour = 0; hour < SAMPLE_MINUTES; hour += 60) {
    const prices: number[] = [];
    // The hour's minutes, as far as Upbit answered.
    for (let minute = hour; minute < hour + 60; minute += 1) {
      if (minute < OUTAGE.minute || minute >= OUTAGE.minute + OUTAGE.minutes)
        prices.push(onTick(Math.exp(world.usdtKrw[minute] ?? Number.NaN), USDT_TICK));
    }
    const volume = Math.round(2_400_000 * Math.exp(0.7 * normalFromUniform(uniform())) * (prices.length / 60));
    const [open, close] = [prices[0], prices.at(-1)];
    if (open === undefined || close === undefined) continue;
    lines.push([label(hour), open, Math.max(...prices), Math.min(...prices), close, volume].join(','));
  }
  return text(lines);
}

/** Sticky around the published mean, with the published share of settlements that the short pays. */
function fundingRows(streams: RandomStreams): string {
  const uniform = streams.stream('sample/funding');
  const settlements = SAMPLE_MINUTES / FUNDING_MINUTES;
  /** A normal distribution with 17 % of its mass below zero has its mean 0.954 standard deviations above it. */
  const sd = TARGET.fundingMeanPercent / 0.954;
  let value = sd * normalFromUniform(uniform());
  const raw = Array.from({ length: settlements }, () => {
    value = 0.79 * value + Math.sqrt(1 - 0.79 * 0.79) * sd * normalFromUniform(uniform());
    return value;
  });
  const mean = raw.reduce((sum, rate) => sum + rate, 0) / settlements;
  const spread = Math.sqrt(raw.reduce((sum, rate) => sum + (rate - mean) * (rate - mean), 0) / settlements);
  return text(
    raw.map((rate, index) => {
      const percent = TARGET.fundingMeanPercent + ((rate - mean) * sd) / spread;
      return `${label((index + 1) * FUNDING_MINUTES)},${(Math.max(-0.3, Math.min(0.3, percent)) / 100).toFixed(8)}`;
    }),
  );
}
