import { parseFixed, type Btc } from '../../core/money.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import { DEFAULT_POLICY } from '../../executor/policy.js';
import type { RuleChange } from './venue-terms.js';

/** What a run's invariants are measured by. Times in milliseconds. */
export interface OracleBudgets {
  /** |delta| may stay open this long in one stretch of the process's life before people know and entries are locked (I3). */
  readonly nakedMs: number;
  /** BTC times milliseconds of one excursion; undefined: its allowed size times `nakedMs`. */
  readonly nakedBtcMs?: bigint | undefined;
  /** From the end of a budget to the alert that must tell of it (I3, I13). */
  readonly alertMs: number;
  /** How long a leg may take before an unequal hedge is an exception that people must know of (I13). */
  readonly legMs: number;
  /** How long a change that is not our own (forced, late) may go unseen: the monitor's period and its second look. */
  readonly unseenMs: number;
  /** An entry order may leave this long after its decision (I12). */
  readonly decisionAgeMs: number;
  /** From sending until an order that was not seen cannot be taken any more, by venue (design decision 17). */
  readonly lifetimeMs: Readonly<Record<VenueId, number>>;
  /** L1, L3, L5 as in the specification. */
  readonly flowEndMs: number;
  readonly recoveryMs: number;
  readonly unlockedEntryMs: number;
  /** L2: from the loss of a venue until the flow gives up and locks, and requests a minute afterwards. */
  readonly lostVenueLockMs: number;
  readonly lostVenueRequestsPerMinute: number;
  /** L4: beyond the lifetime bound. */
  readonly doubtMs: number;
}

const policy = DEFAULT_POLICY;

/** The reference executor's own promises (`executor/policy.ts`) and the bounds of the specification. */
export const DEFAULT_BUDGETS: OracleBudgets = {
  nakedMs: policy.nakedBudgetMs,
  alertMs: 30_000,
  legMs: policy.legDeadlineMs,
  unseenMs: policy.monitorMs + policy.quietMs + policy.confirmMs + 30_000,
  decisionAgeMs: policy.decisionAgeMs,
  lifetimeMs: { upbit: policy.upbitLifetimeMs, binance: policy.recvWindowMs + policy.binanceLifetimeMarginMs },
  flowEndMs: 120_000,
  recoveryMs: 60_000,
  unlockedEntryMs: 30_000,
  lostVenueLockMs: policy.nakedBudgetMs + 60_000,
  lostVenueRequestsPerMinute: 6,
  doubtMs: 30_000,
};

/** One lot of the perpetual: less cannot be hedged. */
export const LOT = parseFixed<Btc>('0.001');

/** What is known of a run besides its tape and journal. Nothing of the executor's memory. */
export interface OracleContext {
  /** What the executor declares (design decision 15); what it does not is not judged. */
  readonly capabilities: readonly string[];
  /** |delta| up to this is no exposure: 0 while every leg is on the common grid, else less than a lot. */
  readonly tolerance: Btc;
  readonly lot: Btc;
  /** No fault was in the run: the control. */
  readonly isFaultFree: boolean;
  /** When the last fault that ends has ended; undefined: none struck. */
  readonly lastFaultAt: EpochMs | undefined;
  /** Faults that never end: a venue lost for ever, an order that stays stuck. */
  readonly permanent: readonly { readonly since: EpochMs; readonly venue?: VenueId | undefined }[];
  readonly budgets: OracleBudgets;
  /** Decimal overrides of the venues' dated rules, as in `world.venues.<venue>.rules`. */
  readonly rules: Readonly<Record<VenueId, Readonly<Record<string, string>>>>;
  /** What faults changed of those rules, in the order of time. */
  readonly ruleChanges?: readonly RuleChange[] | undefined;
  readonly idReuse: Readonly<Record<VenueId, 'never' | 'after-close'>>;
  /** How many events the tape had when the intent with this client order id was durable; absent: the journal's times decide. */
  readonly durableAt?: ReadonlyMap<string, number> | undefined;
  /** Errors that the executor threw or left unhandled. */
  readonly unhandled: readonly string[];
  readonly waivers: readonly { readonly oracle: string; readonly reason: string }[];
  /** Plants an invariant that always breaks: a job that does not report it is not looking. */
  readonly canary?: boolean | undefined;
}
