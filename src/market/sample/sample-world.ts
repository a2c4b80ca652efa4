import { normalFromUniform, type RandomStreams } from '../../core/random.js';
import { BP, CRASH, DAY_MINUTES, FOLLOW, HOUR_VOLATILITY, MODEL, REGIMES, SAMPLE_MINUTES, TARGET } from './sample-parameters.js';

/** Minute by minute, at the close of each minute; natural logarithms of prices, fractions elsewhere. */
export interface SampleWorld {
  /** Volatility of each minute over the ordinary one. */
  readonly volatility: Float64Array;
  readonly perp: Float64Array;
  /** Last trade on Upbit, and the price it bounced around. */
  readonly upbit: Float64Array;
  readonly upbitFair: Float64Array;
  /** USD/KRW as it really stands, and the last published rate. */
  readonly fxTrue: Float64Array;
  readonly fxKnown: Float64Array;
  readonly usdtKrw: Float64Array;
  readonly basis: Float64Array;
  /** Published USD/KRW by day; day -3 (the Friday before the start) first. */
  readonly fixings: readonly number[];
}

export const FIRST_FIXING_DAY = -3;
const FIXING_MINUTE = 15 * 60;
/** The path of USD/KRW begins with the last fixing before the sample. */
const FX_LEAD_MINUTES = -FIRST_FIXING_DAY * DAY_MINUTES - FIXING_MINUTE;

type Normal = () => number;

/** A mean-reverting walk with this stationary spread and half-life, started from its own distribution. */
function walk(normal: Normal, length: number, halfLifeMin: number, sd: number): Float64Array {
  const keep = Math.exp(-Math.LN2 / halfLifeMin);
  const kick = sd * Math.sqrt(1 - keep * keep);
  const path = new Float64Array(length);
  let value = sd * normal();
  for (let minute = 0; minute < length; minute += 1) {
    value = keep * value + kick * normal();
    path[minute] = value;
  }
  return path;
}

const regimeAt = (minute: number): (typeof REGIMES)[number] => REGIMES.findLast((regime) => minute >= regime.fromDay * DAY_MINUTES) ?? REGIMES[0];
const inCrash = (minute: number): boolean => minute >= CRASH.minute && minute < CRASH.minute + CRASH.minutes;

/** The unobserved world of the sample: one common price, and a premium made of parts that move at different speeds. */
export function sampleWorld(streams: RandomStreams): SampleWorld {
  const normalOf = (name: string): Normal => {
    const uniform = streams.stream(`sample/${name}`);
    return () => normalFromUniform(uniform());
  };
  const volatility = volatilityPath(normalOf);
  const world = worldReturns(normalOf('world'), streams.stream('sample/burst'), volatility);
  const fx = fxPath(normalOf('fx'));
  const basis = walk(normalOf('basis'), SAMPLE_MINUTES, MODEL.basisHalfLifeMin, TARGET.basisSdBp * BP).map(
    (value) => value + TARGET.basisMeanBp * BP,
  );
  const transient = transientPath(normalOf('transient'), volatility, world);
  const late = latePath(world);
  const bounceNormal = normalOf('bounce');
  const bounce = volatility.map((factor) => MODEL.bounceSdBp * BP * Math.sqrt(factor) * bounceNormal());
  const slow = walk(normalOf('slow'), SAMPLE_MINUTES, MODEL.slowHalfLifeMin, MODEL.slowSdBp * BP).map(
    (value, minute) => value + regimeAt(minute).levelBp * BP,
  );

  const at = (path: Float64Array, minute: number): number => path[minute] ?? Number.NaN;
  const fast = transient.map(
    (value, minute) => value + at(late, minute) + at(bounce, minute) + at(fx.now, minute) - at(fx.known, minute) - at(basis, minute),
  );
  const level = levelOf(fast, slow);
  const noise = walk(normalOf('usdt'), SAMPLE_MINUTES, MODEL.usdtNoiseHalfLifeMin, MODEL.usdtNoiseSdBp * BP);
  let spot = Math.log(MODEL.startPriceUsdt);
  const spotPath = world.map((step) => (spot += step));
  const upbitFair = spotPath.map((price, minute) => price + at(fx.now, minute) + at(level, minute) + at(transient, minute) + at(late, minute));
  return {
    volatility,
    basis,
    perp: spotPath.map((price, minute) => price + at(basis, minute)),
    upbit: upbitFair.map((price, minute) => price + at(bounce, minute)),
    upbitFair,
    usdtKrw: level.map((value, minute) => value + at(fx.now, minute) + MODEL.usdtTransientShare * at(transient, minute) + at(noise, minute)),
    fxTrue: fx.now,
    fxKnown: fx.known,
    fixings: fx.fixings,
  };
}

/** Volatility over its own mean square, apart from the crash and what follows it. */
function volatilityPath(normalOf: (name: string) => Normal): Float64Array {
  const hours = walk(normalOf('volatility/hours'), SAMPLE_MINUTES, MODEL.volatilityHours.halfLifeMin, MODEL.volatilityHours.sd);
  const days = walk(normalOf('volatility/days'), SAMPLE_MINUTES, MODEL.volatilityDays.halfLifeMin, MODEL.volatilityDays.sd);
  const ordinary = hours.map((value, minute) => {
    const hour = Math.floor(minute / 60) % 24;
    return Math.exp(value + (days[minute] ?? 0)) * (HOUR_VOLATILITY[hour] ?? 1) * regimeAt(minute).volatility;
  });
  const burst = 1 + MODEL.burst.probability * (MODEL.burst.factor * MODEL.burst.factor - 1);
  const scale = Math.sqrt(burst * (ordinary.reduce((sum, factor) => sum + factor * factor, 0) / SAMPLE_MINUTES));
  return ordinary.map((factor, minute) => {
    const since = minute - CRASH.minute;
    const crash = since < 0 ? 1 : inCrash(minute) ? CRASH.volatility : 1 + 1.5 * Math.exp(-(since - CRASH.minutes) / 240);
    return (factor / scale) * crash;
  });
}

function worldReturns(normal: Normal, burst: () => number, volatility: Float64Array): Float64Array {
  return volatility.map((factor, minute) => {
    const size = burst() < MODEL.burst.probability ? MODEL.burst.factor : 1;
    const shock = MODEL.worldSdBp * BP * factor * size * normal();
    if (!inCrash(minute)) return shock;
    const quarter = minute < CRASH.minute + CRASH.minutes / 4;
    return shock + (Math.log(1 - CRASH.fall) / CRASH.minutes) * (quarter ? 2 : 2 / 3);
  });
}

/** Log of USD/KRW with 24 trading hours a business day, and what of it was published when. */
function fxPath(normal: Normal): { readonly now: Float64Array; readonly known: Float64Array; readonly fixings: readonly number[] } {
  const steps = new Float64Array(FX_LEAD_MINUTES + SAMPLE_MINUTES);
  for (let index = 0; index < steps.length; index += 1) {
    const minute = index - FX_LEAD_MINUTES;
    // The sample starts on a Monday; currencies trade from Sunday 21:00 to Friday 21:00 UTC.
    const ofWeek = (((minute % (7 * DAY_MINUTES)) + 7 * DAY_MINUTES) % (7 * DAY_MINUTES)) / 60;
    const shock = normal();
    steps[index] = ofWeek < 4 * 24 + 21 || ofWeek >= 6 * 24 + 21 ? shock : 0;
  }
  // The path ends where it began: what a run earns is then not the drift of one made-up exchange rate.
  const drift = steps.reduce((sum, step) => sum + step, 0) / steps.filter((step) => step !== 0).length;
  let sum = 0;
  const path = steps.map((step) => (sum += step === 0 ? 0 : step - drift));
  const days = SAMPLE_MINUTES / DAY_MINUTES;
  // Saturday and Sunday carry Friday's rate: index 0 is a Friday.
  const carried = (index: number): number => (index % 7 === 1 ? index - 1 : index % 7 === 2 ? index - 2 : index);
  const raw = Array.from({ length: days - FIRST_FIXING_DAY }, (_, index) => path[carried(index) * DAY_MINUTES] ?? Number.NaN);
  const changes = raw
    .slice(1)
    .map((value, index) => Math.abs(value - (raw[index] ?? value)))
    .filter((change) => change > 0);
  const scale = TARGET.fxStepMeanPercent / 100 / (changes.reduce((total, change) => total + change, 0) / changes.length);
  const start = Math.log(MODEL.startUsdKrw);
  // Rates are published with two decimals, and that rounded rate is the known one.
  const fixings = raw.map((value) => Math.round(Math.exp(start + scale * value) * 100) / 100);
  const now = new Float64Array(SAMPLE_MINUTES);
  const known = new Float64Array(SAMPLE_MINUTES);
  for (let minute = 0; minute < SAMPLE_MINUTES; minute += 1) {
    now[minute] = start + scale * (path[minute + FX_LEAD_MINUTES] ?? Number.NaN);
    known[minute] = Math.log(fixings[fixingIndexAt(minute + 1)] ?? Number.NaN);
  }
  return { now, known, fixings };
}

/** Index into the fixings of the one in force at this minute of the sample. */
export const fixingIndexAt = (minute: number): number => Math.floor((minute - FIXING_MINUTE) / DAY_MINUTES) - FIRST_FIXING_DAY;

/** Reverts within hours: kicks of its own, the share of a world move that Upbit is slow to follow, and the rush of the crash. */
function transientPath(normal: Normal, volatility: Float64Array, world: Float64Array): Float64Array {
  const keep = Math.exp(-Math.LN2 / MODEL.transientHalfLifeMin);
  const kick = MODEL.transientSdBp * BP * Math.sqrt(1 - keep * keep);
  const unfollowed = 1 - FOLLOW.reduce((sum, share) => sum + share, 0);
  let value = 0;
  return world.map((step, minute) => {
    const rush = inCrash(minute) && minute < CRASH.minute + CRASH.minutes / 3 ? (CRASH.premiumBp * BP) / (CRASH.minutes / 3) : 0;
    const missed = inCrash(minute) ? unfollowed * CRASH.followLate : unfollowed;
    value = keep * value + kick * (volatility[minute] ?? 1) * normal() - missed * step - rush;
    return value;
  });
}

/** What of the last three world moves Upbit has not followed yet (it does in the minutes after). */
function latePath(world: Float64Array): Float64Array {
  const owed = FOLLOW.map((_, lag) => FOLLOW.slice(lag + 1).reduce((sum, share) => sum + share, 0));
  return world.map((_, minute) => {
    const factor = inCrash(minute) ? CRASH.followLate : 1;
    return -factor * owed.reduce((sum, share, lag) => sum + share * (world[minute - lag] ?? 0), 0);
  });
}

/** Scales and shifts the slow part so that the premium as a table shows it has the published mean and spread. */
function levelOf(fast: Float64Array, slow: Float64Array): Float64Array {
  const n = fast.length;
  const mean = (path: Float64Array): number => path.reduce((sum, value) => sum + value, 0) / n;
  const [fastMean, slowMean] = [mean(fast), mean(slow)];
  let [fastVar, slowVar, covariance] = [0, 0, 0];
  for (let minute = 0; minute < n; minute += 1) {
    const [f, s] = [(fast[minute] ?? 0) - fastMean, (slow[minute] ?? 0) - slowMean];
    fastVar += (f * f) / n;
    slowVar += (s * s) / n;
    covariance += (f * s) / n;
  }
  const target = (TARGET.premiumSd / 100) * (TARGET.premiumSd / 100);
  const scale = (-covariance + Math.sqrt(Math.max(0, covariance * covariance - slowVar * (fastVar - target)))) / slowVar;
  return slow.map((value) => scale * (value - slowMean) + TARGET.premiumMean / 100 - fastMean);
}
