import type { RandomStreams, Uniform } from '../../core/random.js';
import { normalFromUniform } from '../../core/random.js';
import { BP, DAY_MINUTES, HOUR_VOLUME, MODEL, SAMPLE_MINUTES, TARGET } from './sample-parameters.js';
import type { SampleWorld } from './sample-world.js';

/** Candles of one market, one a minute; prices on the tick. */
export interface SampleCandles {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** How one market trades within a minute. */
interface Market {
  readonly name: string;
  /** Log of the last trade of each minute, and of the price that trades bounce around. */
  readonly close: Float64Array;
  readonly fair: Float64Array;
  /** Spread of a minute's return at ordinary volatility, in bp: what a path between open and close wanders. */
  readonly wanderBp: number;
  /** Pieces of a path within a minute; about as many trades make its high and low. */
  readonly pieces: number;
  /** Spread of a single trade around the path. */
  readonly bounceBp: number;
  readonly tick: number;
  readonly volumeMedian: number;
  /** Standard deviation of the logarithm of volume. */
  readonly volumeSpread: number;
  /** Volumes are multiples of 1 / this. */
  readonly volumeUnits: number;
  readonly hours: readonly number[] | undefined;
}

/** In about half of all minutes the first trade is at the price of the last one before (both venues, real minutes). */
const OPEN_REPEATS = 0.53;
const VOLUME_HALF_LIFE_MIN = 45;
/** How strongly volume rises with volatility, and with the move of the minute itself. */
const VOLUME_ON_VOLATILITY = 0.8;
const VOLUME_ON_MOVE = 0.25;
/** 5 % and 95 % of a normal distribution lie this many standard deviations out. */
const TAIL = 1.645;

export function upbitMarket(world: SampleWorld): Market {
  const [low, median, high] = TARGET.upbitVolume;
  return {
    name: 'upbit',
    close: world.upbit,
    fair: world.upbitFair,
    wanderBp: 1.8,
    pieces: 5,
    bounceBp: MODEL.bounceSdBp,
    tick: 1_000,
    volumeMedian: median,
    volumeSpread: Math.log(high / low) / (2 * TAIL),
    volumeUnits: 10_000,
    hours: HOUR_VOLUME,
  };
}

export function perpMarket(world: SampleWorld): Market {
  // A minute's median is a little below a fifth of the five minutes' (volumes are skewed).
  const volumeMedian = (TARGET.perpVolume5mMedian / 5) * 0.87;
  return {
    name: 'perp',
    close: world.perp,
    fair: world.perp,
    wanderBp: 3.8,
    pieces: 12,
    bounceBp: 0.1,
    tick: 0.1,
    volumeMedian,
    volumeSpread: 1.04,
    volumeUnits: 1_000,
    hours: undefined,
  };
}

/** A price on the tick; the tick is a power of ten, so the result is the exact decimal. */
export const onTick = (price: number, tick: number): number =>
  tick >= 1 ? Math.round(price / tick) * tick : Math.round(price * Math.round(1 / tick)) / Math.round(1 / tick);

export function sampleCandles(streams: RandomStreams, world: SampleWorld, market: Market): SampleCandles {
  const uniform = streams.stream(`sample/candles/${market.name}`);
  const column = (): Float64Array => new Float64Array(SAMPLE_MINUTES);
  const candles: SampleCandles = { open: column(), high: column(), low: column(), close: column(), volume: volumes(streams, world, market) };
  for (let minute = 0; minute < SAMPLE_MINUTES; minute += 1) {
    const last = candles.close[minute - 1] ?? onTick(Math.exp(market.close[0] ?? 0), market.tick);
    drawCandle(uniform, market, world.volatility[minute] ?? 1, minute, last, candles);
  }
  return candles;
}

/** A bridge of the fair price through the minute with trades that bounce around it; high and low are what they touched. */
function drawCandle(uniform: Uniform, market: Market, volatility: number, minute: number, last: number, candles: SampleCandles): void {
  const normal = (): number => normalFromUniform(uniform());
  const bounce = market.bounceBp * BP * Math.sqrt(volatility);
  const end = market.fair[minute] ?? Number.NaN;
  let fair = market.fair[minute - 1] ?? end;
  const openBounce = bounce * normal();
  const open = uniform() < OPEN_REPEATS ? last : onTick(Math.exp(fair + openBounce), market.tick);
  const close = onTick(Math.exp(market.close[minute] ?? end), market.tick);
  let [high, low] = [Math.max(open, close), Math.min(open, close)];
  const step = (market.wanderBp * BP * volatility) / Math.sqrt(market.pieces);
  for (let point = 1; point < market.pieces; point += 1) {
    const left = market.pieces - point + 1;
    fair += (end - fair) / left + step * Math.sqrt((left - 1) / left) * normal();
    const trade = onTick(Math.exp(fair + bounce * normal()), market.tick);
    high = Math.max(high, trade);
    low = Math.min(low, trade);
  }
  candles.open[minute] = open;
  candles.high[minute] = high;
  candles.low[minute] = low;
  candles.close[minute] = close;
}

/** Lognormal, lasting for a while, larger when prices move; scaled to the published median. */
function volumes(streams: RandomStreams, world: SampleWorld, market: Market): Float64Array {
  const uniform = streams.stream(`sample/volume/${market.name}`);
  const keep = Math.exp(-Math.LN2 / VOLUME_HALF_LIFE_MIN);
  let lasting = 0;
  const logs = market.close.map((price, minute) => {
    lasting = keep * lasting + Math.sqrt(1 - keep * keep) * normalFromUniform(uniform());
    const fresh = normalFromUniform(uniform());
    const hour = market.hours?.[Math.floor((minute % DAY_MINUTES) / 60)] ?? 1;
    const volatility = world.volatility[minute] ?? 1;
    const move = Math.min(4, Math.abs(price - (market.close[minute - 1] ?? price)) / (market.wanderBp * BP * volatility));
    const drivers = VOLUME_ON_VOLATILITY * Math.log(volatility) + VOLUME_ON_MOVE * move + Math.log(hour);
    return drivers + market.volumeSpread * (0.62 * lasting + 0.55 * fresh);
  });
  const middle = Float64Array.from(logs).sort()[logs.length >> 1] ?? 0;
  return logs.map((log) => Math.max(1, Math.round(market.volumeMedian * Math.exp(log - middle) * market.volumeUnits)) / market.volumeUnits);
}
