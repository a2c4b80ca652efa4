import type { DurationMs, EpochMs, MonotonicMs } from '../core/units.js';
import type { StopSignal } from './stop.js';

/** The only source of time: code above it runs unchanged live, on paper and in replay. */
export interface Clock {
  /** Wall time; it may jump. */
  now(): EpochMs;
  /** For deadlines and durations; it never jumps. */
  monotonic(): MonotonicMs;
  /**
   * Resolves once `delay` has passed, or as soon as `signal` aborts. It never rejects: the caller
   * looks at `signal.aborted` when it must know which of the two it was.
   */
  sleep(delay: DurationMs, signal?: StopSignal): Promise<void>;
}
