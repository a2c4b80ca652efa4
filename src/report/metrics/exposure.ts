/** The residual delta as a step function: `residual` BTC (signed) from `t` until the next step. */
export interface ResidualStep {
  readonly t: number;
  readonly residual: number;
}

/** What being unhedged over an interval came to. KRW figures use the Upbit mid in force. */
export interface Exposure {
  readonly seconds: number;
  /** Integral of |residual| over time. */
  readonly btcSeconds: number;
  /** Integral of |residual| times mid over time. */
  readonly krwSeconds: number;
  readonly peakBtc: number;
  readonly peakKrw: number;
  /** Integral of residual d(mid): signed money made (+) or lost (-) by being unhedged, before trading costs. */
  readonly driftKrw: number;
}

/** A step function of time that can be read anywhere; times of its changes ascend. */
export interface PriceSteps {
  /** The last value at or before `t`, else the first one there is; undefined when empty. */
  nearest(t: number): number | undefined;
  /** The times in (from, to) at which the value may change. */
  changes(from: number, to: number): readonly number[];
}

/**
 * Integrates the residual delta from `from` to `to`. Both the residual and the mid are step functions, so the
 * integrals are sums over their steps.
 *
 * @param steps - ascending in time, the first at or before `from`.
 * @param mid - KRW per BTC; where it is unknown the KRW figures count nothing.
 */
export function exposure(steps: readonly ResidualStep[], mid: PriceSteps, from: number, to: number): Exposure {
  const times = [...new Set([from, ...steps.map((step) => step.t).filter((t) => t > from && t < to), ...mid.changes(from, to), to])];
  times.sort((a, b) => a - b);
  const sum = { seconds: (to - from) / 1_000, btcSeconds: 0, krwSeconds: 0, peakBtc: 0, peakKrw: 0, driftKrw: 0 };
  let index = 0;
  let residual = 0;
  times.forEach((t, position) => {
    const price = mid.nearest(t) ?? 0;
    const before = position === 0 ? price : (mid.nearest(times[position - 1] ?? t) ?? 0);
    // The price moves first, at the old residual: a fill at this instant happens at the new price.
    sum.driftKrw += residual * (price - before);
    for (let step = steps[index]; step !== undefined && step.t <= t; step = steps[(index += 1)]) residual = step.residual;
    const next = times[position + 1];
    if (next === undefined) return;
    const seconds = (next - t) / 1_000;
    const size = Math.abs(residual);
    sum.btcSeconds += size * seconds;
    sum.krwSeconds += size * price * seconds;
    sum.peakBtc = Math.max(sum.peakBtc, size);
    sum.peakKrw = Math.max(sum.peakKrw, size * price);
  });
  return sum;
}
