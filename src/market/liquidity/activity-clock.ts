import { normalFromUniform, uniformAt } from '../../core/random.js';
import type { StreamKey } from '../../core/random.js';

/**
 * Log-sd of how much happens in one second against the next. Real minutes move in few jumps: their squared range is
 * 0.66 of what a random walk of the same closes has (Binance, September 2025), as if a minute were a dozen steps;
 * a lognormal clock of this width gives that (sum of squared shares = exp(s2) / 60).
 */
const ACTIVITY_LOG_SD = 1.7;

/**
 * Lets both legs' paths run by one random clock, in place: fast through some seconds, slow through others. Start and
 * end stay, the legs stay together, and a second's move is a jump now and then rather than always its share.
 */
export function runByActivity(key: StreamKey, legs: readonly Float64Array[]): void {
  const steps = (legs[0]?.length ?? 1) - 1;
  const clock = new Float64Array(steps + 1);
  for (let step = 1; step <= steps; step += 1) {
    // Negative positions: the path itself draws at the positive ones.
    const activity = Math.exp(ACTIVITY_LOG_SD * normalFromUniform(uniformAt(key, -step)));
    clock[step] = (clock[step - 1] ?? 0) + activity;
  }
  const whole = clock[steps] ?? 1;
  for (const leg of legs) {
    const source = Float64Array.from(leg);
    for (let step = 1; step < steps; step += 1) {
      const position = ((clock[step] ?? 0) / whole) * steps;
      const left = Math.floor(position);
      const from = source[left] ?? 0;
      leg[step] = from + ((source[left + 1] ?? from) - from) * (position - left);
    }
  }
}
