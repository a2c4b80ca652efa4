import type { EpochMs, VenueId } from '../../core/units.js';
import type { JournalEvent, JournalRecord } from '../../journal/journal-event.js';

type JournalOf<Type extends JournalEvent['type']> = Extract<JournalEvent, { readonly type: Type }>;

/** A journal event with its place. */
export type At<Type extends JournalEvent['type']> = { readonly seq: number } & JournalOf<Type>;

/** What the journal says of one order attempt. */
export interface AttemptBelief {
  readonly intent: At<'intent'>;
  readonly answers: At<'answer'>[];
  readonly settled: At<'order.settled'>[];
  /** The place of the first record that shows it can do nothing any more. */
  finalSeq: number | undefined;
}

/** A message that reached people. */
export interface Told {
  readonly t: EpochMs;
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'critical';
}

/** The durable journal and the alert log, sorted once into what the invariants ask for. */
export class Belief {
  readonly attempts = new Map<string, AttemptBelief>();
  readonly switches: (At<'halt'> | At<'resume'>)[] = [];
  readonly alerts: At<'alert'>[] = [];
  readonly bans: At<'ban'>[] = [];
  readonly recoveries: (At<'recovery.started'> | At<'recovery.ended'>)[] = [];
  readonly adopted: At<'holdings.adopted'>[] = [];
  /** Flows that the journal says have begun and not that they have ended, by name. */
  readonly #open = new Map<string, EpochMs>();
  /** The journal's last instant. */
  readonly endAt: EpochMs | undefined;

  readonly #told: readonly Told[];

  constructor(journal: readonly JournalRecord[], told: readonly Told[] = []) {
    this.#told = told;
    for (const record of journal) {
      const { event } = record;
      this.#take(record);
      if (event.type === 'flow.started') this.#open.set(event.flow, event.t);
      if (event.type === 'flow.ended') this.#open.delete(event.flow);
    }
    this.endAt = journal.at(-1)?.event.t;
  }

  get openFlows(): readonly { readonly flow: string; readonly t: EpochMs }[] {
    return [...this.#open].map(([flow, t]) => ({ flow, t }));
  }

  /** The strongest halt in force at `t`; a halt of that very millisecond is not yet. */
  haltedBy(t: EpochMs): At<'halt'> | undefined {
    let strongest: At<'halt'> | undefined;
    for (const event of this.switches) {
      if (event.t >= t) break;
      if (event.type === 'resume') strongest = undefined;
      else if (strongest === undefined || STRENGTH[event.level] > STRENGTH[strongest.level]) strongest = event;
    }
    return strongest;
  }

  /** The first alert of these names and of weight in [from, to], journaled or told. */
  alertIn(names: ReadonlySet<string>, from: number, to: number): { readonly t: EpochMs } | undefined {
    return (
      this.alerts.find(({ t, alert, severity }) => t >= from && t <= to && severity !== 'info' && names.has(alert)) ??
      this.#told.find(({ t, code, severity }) => t >= from && t <= to && severity !== 'info' && names.has(code))
    );
  }

  /**
   * Whether people know of an exposure: told of it in [from, to], or, where the order behind it was in doubt for longer,
   * since its sending, without word that it was over.
   */
  knowsOf(exposure: { readonly start: EpochMs; readonly sentAt: EpochMs | undefined }, from: number, to: number): boolean {
    if (this.alertIn(EXPOSURE_ALERTS, from, to) !== undefined) return true;
    const { start, sentAt } = exposure;
    if (sentAt === undefined) return false;
    const overAt = this.alerts.findLast(({ t, alert }) => alert === 'EXPOSURE_CLOSED' && t <= start)?.t ?? 0;
    return this.alertIn(EXPOSURE_ALERTS, Math.max(sentAt, overAt + 1), start) !== undefined;
  }

  /** Whether people were told under this name in [from, to] while the journal took down no such alert: it could not. */
  onlyTold(name: string, from: number, to: number): boolean {
    return (
      this.#told.some(({ t, code }) => code === name && t >= from && t <= to) &&
      !this.alerts.some(({ t, alert }) => alert === name && t >= from && t <= to)
    );
  }

  bannedIn(venue: VenueId, by: EpochMs): boolean {
    return this.bans.some((ban) => ban.venue === venue && ban.t <= by);
  }

  #take({ seq, event }: JournalRecord): void {
    switch (event.type) {
      case 'intent':
        // An append that failed and was tried again may stand twice.
        if (!this.attempts.has(event.clientOrderId))
          this.attempts.set(event.clientOrderId, { intent: { seq, ...event }, answers: [], settled: [], finalSeq: undefined });
        return;
      case 'answer': {
        const attempt = this.attempts.get(event.clientOrderId);
        attempt?.answers.push({ seq, ...event });
        if (attempt !== undefined && event.operation === 'createOrder' && event.certainty === 'refused') attempt.finalSeq ??= seq;
        return;
      }
      case 'order.settled': {
        const attempt = this.attempts.get(event.clientOrderId);
        attempt?.settled.push({ seq, ...event });
        if (attempt !== undefined) attempt.finalSeq ??= seq;
        return;
      }
      case 'halt':
      case 'resume':
        this.switches.push({ seq, ...event });
        return;
      case 'alert':
        this.alerts.push({ seq, ...event });
        return;
      case 'ban':
        this.bans.push({ seq, ...event });
        return;
      case 'recovery.started':
      case 'recovery.ended':
        this.recoveries.push({ seq, ...event });
        return;
      case 'holdings.adopted':
        this.adopted.push({ seq, ...event });
        return;
      default:
        return;
    }
  }
}

/** A weaker level that is written behind a stronger one releases nothing. */
const STRENGTH: Readonly<Record<At<'halt'>['level'], number>> = { opening: 1, flatten: 2, freeze: 3 };

/** Alerts that tell of legs that are, or may be, unequal. */
export const EXPOSURE_ALERTS: ReadonlySet<string> = new Set([
  'UNHEDGED_EXPOSURE',
  'UNKNOWN_OUTCOME',
  'SHORT_SHRANK',
  'LATE_FILL',
  'POSITION_MISMATCH',
  'VENUE_UNREACHABLE',
]);
