import { assert } from '../../core/assert.js';
import { legCovariances } from './premium-model.js';

/** How much each observed close pulls each point of a path; for one pattern of observation times. */
export interface PathWeights {
  /** Observation times in minutes from the bar's start, the start itself (where everything is 0) left out. */
  readonly times: readonly number[];
  /** Numbers a row: two (world, Upbit) for each observation time. */
  readonly width: number;
  /** Row `step` holds the weights of the world's point at that step of the grid. */
  readonly world: Float64Array;
  readonly upbit: Float64Array;
}

/**
 * Best linear prediction (simple kriging) of both legs on a grid inside a bar from closes at `times`, under the
 * law of premium-model. A free path plus these weights times what it missed the closes by is a path of the same
 * law that goes through the closes.
 *
 * @param times - minutes from the bar's start, ascending, without 0, with the bar's own end among them.
 * @param endMinutes - the bar's length; the grid cuts it into `steps`.
 */
export function pathWeights(times: readonly number[], endMinutes: number, steps: number): PathWeights {
  const width = times.length * 2;
  const factor = cholesky(closesCovariance(times), width);
  const world = new Float64Array((steps + 1) * width);
  const upbit = new Float64Array((steps + 1) * width);
  const column = new Float64Array(width);
  for (let step = 1; step < steps; step += 1) {
    const at = (endMinutes * step) / steps;
    times.forEach((time, index) => {
      const covariance = legCovariances(at, time);
      column[index * 2] = covariance.worldWorld;
      column[index * 2 + 1] = covariance.worldUpbit;
    });
    solve(factor, column, world, step * width);
    times.forEach((time, index) => {
      const covariance = legCovariances(at, time);
      column[index * 2] = covariance.upbitWorld;
      column[index * 2 + 1] = covariance.upbitUpbit;
    });
    solve(factor, column, upbit, step * width);
  }
  return { times, width, world, upbit };
}

function closesCovariance(times: readonly number[]): Float64Array {
  const width = times.length * 2;
  const matrix = new Float64Array(width * width);
  times.forEach((s, row) => {
    times.forEach((t, column) => {
      const covariance = legCovariances(s, t);
      matrix[row * 2 * width + column * 2] = covariance.worldWorld;
      matrix[row * 2 * width + column * 2 + 1] = covariance.worldUpbit;
      matrix[(row * 2 + 1) * width + column * 2] = covariance.upbitWorld;
      matrix[(row * 2 + 1) * width + column * 2 + 1] = covariance.upbitUpbit;
    });
  });
  return matrix;
}

/** Lower triangular factor of a symmetric positive definite matrix, row by row. */
function cholesky(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  const cell = (row: number, column: number): number => factor[row * size + column] ?? 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row * size + column] ?? 0;
      for (let inner = 0; inner < column; inner += 1) sum -= cell(row, inner) * cell(column, inner);
      if (row !== column) {
        factor[row * size + column] = sum / cell(column, column);
        continue;
      }
      assert(sum > 0, 'observation times differ, so their covariance has a root');
      factor[row * size + row] = Math.sqrt(sum);
    }
  }
  return factor;
}

/** Writes the solution of (L L') x = `right` to `into` at `offset`. */
function solve(factor: Float64Array, right: Float64Array, into: Float64Array, offset: number): void {
  const size = right.length;
  for (let row = 0; row < size; row += 1) {
    let sum = right[row] ?? 0;
    for (let column = 0; column < row; column += 1) sum -= (factor[row * size + column] ?? 0) * (into[offset + column] ?? 0);
    into[offset + row] = sum / (factor[row * size + row] ?? 1);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = into[offset + row] ?? 0;
    for (let column = row + 1; column < size; column += 1) sum -= (factor[column * size + row] ?? 0) * (into[offset + column] ?? 0);
    into[offset + row] = sum / (factor[row * size + row] ?? 1);
  }
}
