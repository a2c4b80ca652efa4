import type { Btc } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { FlowOutcome, HaltLevel } from '../journal/journal-event.js';
import type { Expectation } from './expectation.js';
import type { FaultRule, Trigger } from './fault-rule.js';
import type { World } from './world.js';

/**
 * One step of a scenario. `enter`, `exit`, `trade` and `hold` run one after the other: each begins when the one
 * before has ended and its own `at` is due. `kill-switch`, `unlock` and `restart` come from outside: with `at` they
 * strike at that moment, whatever runs; without it they wait for the step before.
 */
export type FlowStep =
  | {
      readonly do: 'enter';
      readonly quantity: Btc;
      readonly at?: Trigger | undefined;
      /** How this very flow may end; without it `expect.outcome` judges it. */
      readonly ends?: readonly FlowOutcome[] | undefined;
    }
  | { readonly do: 'exit'; readonly at?: Trigger | undefined; readonly ends?: readonly FlowOutcome[] | undefined }
  /** The strategy decides over the run's data. */
  | { readonly do: 'trade' }
  | { readonly do: 'hold'; readonly forMs: number }
  | { readonly do: 'kill-switch'; readonly level: HaltLevel; readonly at?: Trigger | undefined }
  | { readonly do: 'unlock'; readonly at?: Trigger | undefined }
  /** A deploy: the process ends and starts again, its journal kept. */
  | { readonly do: 'restart'; readonly at?: Trigger | undefined };

/** Words of `needs`: a durable journal; steps of the executor at which it can be stopped. */
export type Need = 'journal' | 'step';

/** A scenario file with its includes, parameters and files resolved, ready to run. */
export interface ResolvedScenario {
  readonly id: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** What an executor must have for the faults to reach it; without it, it is not judged. */
  readonly needs: readonly Need[];
  /** One run for each. */
  readonly seeds: readonly number[];
  readonly clock: {
    readonly start: EpochMs;
    /** A run that is not done after so much virtual time has failed. */
    readonly maxVirtualMs: number;
    /** How long truth must stand still after the last step before it is judged. */
    readonly quietPeriodMs: number;
  };
  readonly world: World;
  readonly executor: {
    readonly preset: string;
    /** `orderStyle`, `legs`, `repair` and whatever else the executor's policy knows. */
    readonly policy: Readonly<Record<string, string | number | boolean>>;
    readonly restartAfterMs: number;
  };
  /** Whether the strategy trades on the run's data (`do: trade`); `world.books` is then absent and `clock.start` the data's. */
  readonly trades: boolean;
  readonly flow: readonly FlowStep[];
  readonly faults: readonly FaultRule[];
  readonly expect: Expectation;
  /** As the user gave it. */
  readonly file: string;
  /** The resolved scenario as YAML, written next to a result: it loads by itself and gives the same run. */
  readonly text: string;
}
