import { RandomStreams, normalFromUniform } from '../../src/core/random.js';
import type { ScanBars } from '../../src/strategy/scan.js';

/** Minutes with a mean-reverting premium (half-life 20 h, sd 0.5 %) and a new bank rate a day; no gaps. */
export function syntheticBars(length: number): ScanBars {
  const uniform = new RandomStreams('bench').stream('bars');
  const bars = {
    time: new Float64Array(length),
    upbitKrw: new Float64Array(length),
    binanceUsdt: new Float64Array(length),
    usdKrw: new Float64Array(length),
    usdtKrw: new Float64Array(length).fill(NaN),
    premium: new Float64Array(length),
    afterGap: new Uint8Array(length),
    fxStep: new Uint8Array(length),
    length,
  };
  let premium = 0;
  let dollars = 110_000;
  let rate = 1_390;
  for (let index = 0; index < length; index += 1) {
    premium = premium * 0.999_42 + 0.000_17 * normalFromUniform(uniform());
    dollars *= 1 + 0.0004 * normalFromUniform(uniform());
    if (index % 1_440 === 900) {
      rate *= 1 + 0.003 * normalFromUniform(uniform());
      bars.fxStep[index] = 1;
    }
    bars.time[index] = Date.UTC(2021, 0, 1) + index * 60_000;
    bars.binanceUsdt[index] = dollars;
    bars.usdKrw[index] = rate;
    bars.premium[index] = premium;
    bars.upbitKrw[index] = dollars * rate * (1 + premium);
  }
  return bars;
}
