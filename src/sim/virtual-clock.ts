import type { Clock } from '../clock/clock.js';
import type { StopSignal } from '../clock/stop.js';
import type { DurationMs, EpochMs, MonotonicMs } from '../core/units.js';
import { addMs, epochMs } from '../core/units.js';
import { assert } from '../core/assert.js';
import { uniformAt, type StreamKey } from '../core/random.js';
import { TimerHeap, type Timer } from './timer-heap.js';

/** How many real immediates one block of the pump holds: 256 reaches 95 % of the best rate measured. */
const BLOCK = 256;
// Captured before any shim is installed, so that the pump itself always runs on the real event loop.
const realSetImmediate = setImmediate;

export type ClockStop = 'deadlock' | 'max-virtual-time' | 'max-steps' | 'unhandled-rejection' | 'unsound-event-loop';

/** A virtual run that could not go on; `reason` says which limit or law it met. */
export class VirtualClockError extends Error {
  override readonly name = 'VirtualClockError';
  readonly reason: ClockStop;

  constructor(reason: ClockStop, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface VirtualClockOptions {
  /** The run fails when time would pass `start` plus this. */
  readonly maxVirtualMs?: number;
  /** The run fails after this many timers. */
  readonly maxSteps?: number;
  /** `immediate` waits a whole turn of the event loop for each timer: slower, a cross-check of the pump. */
  readonly driver?: 'pump' | 'immediate';
  /**
   * Sleepers that are due with other events wake before or after them, and among themselves, in an order drawn from
   * this key: all of these orders are legal. Without it they wake in the order they went to sleep.
   */
  readonly shuffle?: StreamKey | undefined;
}

/** Time as code that reads it ambiently (`Date`, `setTimeout`) is given it. */
export interface AmbientTime extends Clock {
  /** Calls `act` once `delayMs` have passed. */
  after(delayMs: number, act: () => void): { cancel(): void };
}

interface Run {
  settled: boolean;
  fail(error: unknown): void;
}

/**
 * Time that moves only when no promise job and no `nextTick` is runnable, so that a day of trading replays in
 * milliseconds with unmodified async code. A block of real immediates is armed at once and each fires exactly
 * one timer: Node drains ticks and microtasks between two immediates of a block, which makes each of them a
 * full turn without an iteration of the event loop. One run at a time in a thread.
 */
export class VirtualClock implements AmbientTime {
  static #active: VirtualClock | undefined;
  static #sound: Promise<void> | undefined;
  /** Immediates of the present block that have not fired; a next run goes on with them, since a fresh block for each short run would be waste. */
  static #armed = 0;

  readonly #start: EpochMs;
  readonly #deadline: number;
  readonly #maxSteps: number;
  readonly #block: number;
  readonly #timers = new TimerHeap();
  readonly #shuffle: StreamKey | undefined;
  #now: EpochMs;
  #steps = 0;
  #run: Run | undefined;
  /** Called between blocks, on the real event loop: for progress and signals, never for decisions. */
  onBlock: (() => void) | undefined;
  /** Told of each timer that is set: whoever lets time pass in real time wakes up for it. */
  onScheduled: ((at: EpochMs) => void) | undefined;
  /** What ambient time and timers follow: the process under test, whose wall clock may be wrong and whose event loop may stand still. */
  ambient: AmbientTime = this;

  constructor(start: EpochMs, options: VirtualClockOptions = {}) {
    this.#start = start;
    this.#now = start;
    this.#deadline = start + (options.maxVirtualMs ?? Number.POSITIVE_INFINITY);
    this.#maxSteps = options.maxSteps ?? Number.POSITIVE_INFINITY;
    this.#shuffle = options.shuffle;
    this.#block = options.driver === 'immediate' ? 1 : BLOCK;
  }

  /** The clock whose run is in progress in this thread, which the shims of ambient time follow. */
  static active(): VirtualClock | undefined {
    return VirtualClock.#active;
  }

  now(): EpochMs {
    return this.#now;
  }

  monotonic(): MonotonicMs {
    return (this.#now - this.#start) as MonotonicMs;
  }

  /** Timers fired so far, over all runs. */
  get steps(): number {
    return this.#steps;
  }

  sleep(delay: DurationMs, signal?: StopSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      // Venue events keep rank 0: their own order is truth and not a matter of scheduling.
      const rank = this.#shuffle === undefined ? 0 : uniformAt(this.#shuffle, this.#timers.added) - 0.5;
      const timer = this.#timers.add(this.#now + delay, resolve, rank);
      this.onScheduled?.(timer.at as EpochMs);
      if (signal === undefined) return;
      const abort = (): void => {
        this.#timers.cancel(timer);
        resolve();
      };
      timer.act = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  after(delayMs: number, act: () => void): { cancel(): void } {
    return this.schedule(addMs(this.#now, delayMs), act);
  }

  /** Calls `act` at `at`, or as the next timer when `at` has passed. Timers due together fire in the order they were set. */
  schedule(at: EpochMs, act: () => void): { cancel(): void } {
    const timer: Timer = this.#timers.add(Math.max(at, this.#now), act);
    this.onScheduled?.(timer.at as EpochMs);
    return { cancel: () => this.#timers.cancel(timer) };
  }

  /** When the next timer is due; undefined: none is set. */
  get nextAt(): EpochMs | undefined {
    return this.#timers.nextAt as EpochMs | undefined;
  }

  /**
   * Outside any run: fires what is due up to `at`, each at its own instant, and stands at `at` then. Promise jobs run when
   * the caller lets them, not between two timers.
   */
  advanceTo(at: EpochMs): void {
    for (let due = this.#timers.nextAt; due !== undefined && due <= at; due = this.#timers.nextAt) this.#fireNext();
    if (at > this.#now) this.#now = at;
  }

  /**
   * Runs `main` to its end on virtual time. Timers left over stay for a later run.
   *
   * @throws VirtualClockError when nothing is runnable, no timer is left and `main` has not settled; when a limit is
   * passed; when a promise is rejected and nobody handles it (real Node would end the process there); or when this
   * runtime does not drain promises between two immediates.
   */
  async run<T>(main: () => Promise<T>): Promise<T> {
    await (VirtualClock.#sound ??= provePumpSound());
    assert(VirtualClock.#active === undefined, 'one virtual clock runs at a time in a thread');
    VirtualClock.#active = this;
    const onRejection = (reason: unknown): void => {
      this.#run?.fail(
        new VirtualClockError('unhandled-rejection', `a promise was rejected at ${isoTime(this.#now)} and nobody handled it: ${describe(reason)}`, {
          cause: reason,
        }),
      );
    };
    process.on('unhandledRejection', onRejection);
    try {
      return await new Promise<T>((resolve, reject) => {
        const run: Run = {
          settled: false,
          fail: (error) => {
            run.settled = true;
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- Whatever the code under test threw is passed on as it is.
            reject(error);
          },
        };
        this.#run = run;
        main().then(
          (value) => {
            run.settled = true;
            resolve(value);
          },
          (error: unknown) => run.fail(error),
        );
        if (VirtualClock.#armed === 0) this.#arm();
      });
    } finally {
      process.off('unhandledRejection', onRejection);
      this.#run = undefined;
      VirtualClock.#active = undefined;
    }
  }

  #arm(): void {
    VirtualClock.#armed = this.#block;
    for (let index = 0; index < this.#block; index += 1) realSetImmediate(VirtualClock.#step);
  }

  static readonly #step = (): void => {
    VirtualClock.#armed -= 1;
    const clock = VirtualClock.#active;
    if (clock === undefined) return;
    const run = clock.#run;
    if (run === undefined || run.settled) return;
    try {
      clock.#fireNext();
    } catch (error) {
      run.fail(error);
    }
    if (VirtualClock.#armed > 0 || run.settled) return;
    clock.onBlock?.();
    clock.#arm();
  };

  #fireNext(): void {
    const timer = this.#timers.pop();
    if (timer === undefined) {
      const resources = process.getActiveResourcesInfo().filter((name) => name !== 'Immediate');
      // The process's own open handles differ from start to start: they stay out of the text, which verdicts quote.
      throw new VirtualClockError('deadlock', `deadlock at ${isoTime(this.#now)}: nothing is runnable, no timer is set and the run has not ended`, {
        cause: `real resources: ${resources.join(', ') || 'none'}`,
      });
    }
    if (timer.at > this.#deadline)
      throw new VirtualClockError('max-virtual-time', `the run passed its limit of virtual time, ${isoTime(epochMs(this.#deadline))}`);
    this.#steps += 1;
    if (this.#steps > this.#maxSteps)
      throw new VirtualClockError('max-steps', `the run passed its limit of ${this.#maxSteps} timers at ${isoTime(this.#now)}`);
    if (timer.at > this.#now) this.#now = timer.at as EpochMs;
    timer.act();
  }
}

/** The canary: a runtime that starts the second immediate before promises and ticks of the first are done is refused. */
async function provePumpSound(): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let hops = 0;
    let ticks = 0;
    realSetImmediate(() => {
      void (async () => {
        for (let hop = 0; hop < 1_000; hop += 1) {
          await Promise.resolve();
          hops += 1;
        }
      })();
      const tick = (): void => {
        ticks += 1;
        if (ticks < 100) process.nextTick(tick);
      };
      process.nextTick(tick);
    });
    realSetImmediate(() => {
      if (hops === 1_000 && ticks === 100) resolve();
      else
        reject(
          new VirtualClockError(
            'unsound-event-loop',
            `this runtime starts an immediate before promises are drained (${hops} of 1000 hops, ${ticks} of 100 ticks): virtual time would be wrong`,
          ),
        );
    });
  });
}

/** An instant as ISO 8601 in UTC, for messages. */
function isoTime(instant: EpochMs): string {
  return new Date(addMs(instant, 0)).toISOString();
}

function describe(reason: unknown): string {
  return reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
}
