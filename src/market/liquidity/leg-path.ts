import { normalFromUniform, uniformAt } from '../../core/random.js';
import type { StreamKey } from '../../core/random.js';
import type { PathWeights } from './path-weights.js';
import { PREMIUM_MODEL, stepLaw, TRANSIENT_SDS } from './premium-model.js';
import type { StepLaw } from './premium-model.js';

/** Closes around a bar as changes since its start, in bp of log price, in the order of the weights' times. */
export interface ObservedChanges {
  readonly world: readonly number[];
  readonly upbit: readonly number[];
}

/** How wild the bar is against the model's calibration: factors on sds of the world's and of Upbit's own part. */
export interface PathScale {
  readonly world: number;
  readonly own: number;
}

/** Log prices of both legs on the bar's grid, in bp since its start; the last point is the close. */
export interface LegPath {
  readonly world: Float64Array;
  readonly upbit: Float64Array;
}

/** The hidden state of premium-model. */
interface State {
  world: number;
  own: number;
  transient: number;
}

/**
 * Draws the bar's path from its key alone: a free path of the model through all observation times, then bent so that
 * it meets the closes (kriging of what it missed them by).
 */
export function drawLegPath(
  key: StreamKey,
  weights: PathWeights,
  observed: ObservedChanges,
  endMinutes: number,
  steps: number,
  scale: PathScale,
): LegPath {
  const free = drawFreePath(key, weights.times, endMinutes, steps, scale);
  const misses = new Float64Array(weights.width);
  weights.times.forEach((_time, index) => {
    misses[index * 2] = (observed.world[index] ?? 0) - (free.worldAt[index] ?? 0);
    misses[index * 2 + 1] = (observed.upbit[index] ?? 0) - (free.upbitAt[index] ?? 0);
  });
  for (let step = 1; step < steps; step += 1) {
    free.world[step] = (free.world[step] ?? 0) + dot(weights.world, step * weights.width, misses);
    free.upbit[step] = (free.upbit[step] ?? 0) + dot(weights.upbit, step * weights.width, misses);
  }
  const end = weights.times.indexOf(endMinutes);
  free.world[steps] = observed.world[end] ?? 0;
  free.upbit[steps] = observed.upbit[end] ?? 0;
  return { world: free.world, upbit: free.upbit };
}

interface FreePath extends LegPath {
  readonly worldAt: number[];
  readonly upbitAt: number[];
}

/** A path that knows nothing of the closes: on the bar's grid, and at the observation times before and after it. */
function drawFreePath(key: StreamKey, times: readonly number[], endMinutes: number, steps: number, scale: PathScale): FreePath {
  let count = 0;
  const normal = (): number => normalFromUniform(uniformAt(key, (count += 1)));
  const state: State = { world: 0, own: 0, transient: normal() * Math.hypot(scale.world * TRANSIENT_SDS.lag, scale.own * TRANSIENT_SDS.own) };
  const marks: { readonly world: number; readonly upbit: number }[] = [];
  const mark = (): void => void marks.push({ world: state.world, upbit: upbitOf(state) });

  const before = times.filter((time) => time < 0);
  before.forEach((time, index) => {
    mark();
    advance(state, stepLaw((before[index + 1] ?? 0) - time), scale, normal);
  });
  const start = { world: state.world, upbit: upbitOf(state) };
  const world = new Float64Array(steps + 1);
  const upbit = new Float64Array(steps + 1);
  const law = stepLaw(endMinutes / steps);
  for (let step = 1; step <= steps; step += 1) {
    advance(state, law, scale, normal);
    world[step] = state.world - start.world;
    upbit[step] = upbitOf(state) - start.upbit;
  }
  mark();
  let last = endMinutes;
  for (const time of times.filter((later) => later > endMinutes)) {
    advance(state, stepLaw(time - last), scale, normal);
    mark();
    last = time;
  }
  return { world, upbit, worldAt: marks.map((point) => point.world - start.world), upbitAt: marks.map((point) => point.upbit - start.upbit) };
}

function upbitOf(state: State): number {
  return PREMIUM_MODEL.followShare * state.world + state.own + state.transient;
}

function advance(state: State, law: StepLaw, scale: PathScale, normal: () => number): void {
  const move = scale.world * law.worldSd * normal();
  state.world += move;
  state.own += scale.own * law.ownSd * normal();
  const rest = Math.hypot(scale.own * law.transientOwnSd, scale.world * law.lagRestSd);
  state.transient = state.transient * law.decay + law.transientFromWorld * move + rest * normal();
}

function dot(weights: Float64Array, offset: number, values: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += (weights[offset + index] ?? 0) * (values[index] ?? 0);
  return sum;
}
