import { fixed, type Btc } from '../core/money.js';
import type { Leg, MonotonicMs, Side } from '../core/units.js';
import type { Judgement } from '../exchange/certainty.js';
import type { LegOutcome } from '../hedge/leg-outcome.js';
import { netOf } from '../hedge/residual.js';
import type { FlowKind, FlowOutcome, IntentPurpose } from '../journal/journal-event.js';
import type { Mark } from '../journal/marks.js';
import type { Engine } from './engine.js';
import { responseTo } from './error-table.js';
import type { FlowResult } from './ports.js';
import type { Attempt } from './position-book.js';
import type { Quote } from './price-desk.js';
import { rulesAt, type TradingRules } from './venue-rules.js';

/** One order of a flow as its parts ask for it. */
export interface FlowOrder {
  readonly leg: Leg;
  readonly side: Side;
  readonly purpose: IntentPurpose;
  readonly quantity: Btc;
  readonly reduceOnly: boolean;
  readonly adds: boolean;
  readonly collarBp: number;
  readonly quote: Quote | undefined;
  readonly patienceMs?: number;
  /** Further attempts of one intent carry its id. */
  readonly intentId?: string | undefined;
  readonly attempt?: number | undefined;
}

export interface OrderResult {
  readonly asked: Btc;
  readonly executed: Btc;
  readonly inDoubt: boolean;
  /** What the answer to the create proved; undefined when nothing was sent. */
  readonly judgement: Judgement | undefined;
  readonly keptBack: string | undefined;
  readonly waitMs: number;
}

const ZERO = fixed<Btc>(0n);

/** No order was sent. */
export const UNSENT: OrderResult = {
  asked: ZERO,
  executed: ZERO,
  inDoubt: false,
  judgement: undefined,
  keptBack: undefined,
  waitMs: 0,
};

/** One flow at work: its id in the journal, its deadline, its orders. */
export class FlowRun {
  readonly engine: Engine;
  readonly id: string;
  readonly kind: FlowKind;
  readonly rules: TradingRules;
  /** Why nothing that adds exposure may be sent, beyond kill switch and lease; asked before each such order. */
  readonly #mayAdd: () => string | undefined;
  /** Why nothing may be opened any more; asked before each order that no other leg of the flow waits for. */
  readonly #mayOpen: () => string | undefined;
  #giveUpAt: MonotonicMs | undefined;
  #intents: number;

  constructor(
    engine: Engine,
    id: string,
    kind: FlowKind,
    mayAdd: () => string | undefined = () => undefined,
    mayOpen: () => string | undefined = () => undefined,
  ) {
    this.engine = engine;
    this.#mayOpen = mayOpen;
    this.id = id;
    this.kind = kind;
    this.rules = rulesAt(engine.clock.now(), engine.policy);
    this.#mayAdd = mayAdd;
    // A flow that an earlier life began goes on numbering where that one stopped: an intent's id is never used twice.
    this.#intents = Math.max(0, ...this.attempts.map(({ intent }) => Number(intent.intentId.slice(intent.intentId.lastIndexOf('/') + 1)) || 0));
  }

  /** When the flow gives up: the budget counts from its first order, so that a long preflight costs none of it. */
  get giveUpAt(): MonotonicMs {
    this.#giveUpAt ??= (this.engine.clock.monotonic() + this.engine.policy.nakedBudgetMs) as MonotonicMs;
    return this.#giveUpAt;
  }

  /** Nobody waits for this flow and somebody else goes on after it: it gives up this soon. */
  giveUpWithin(ms: number): this {
    this.#giveUpAt = (this.engine.clock.monotonic() + ms) as MonotonicMs;
    return this;
  }

  get attempts(): readonly Attempt[] {
    return this.engine.book.flow(this.id)?.attempts ?? [];
  }

  /** What this flow has executed on a leg, signed. */
  net(leg: Leg): Btc {
    return netOf(leg, this.#executed());
  }

  /** What it has executed on a leg with one of these purposes. */
  executedFor(leg: Leg, ...purposes: readonly IntentPurpose[]): Btc {
    return this.attempts
      .filter(({ intent }) => intent.leg === leg && purposes.includes(intent.purpose))
      .reduce((sum, { settled }) => fixed<Btc>(sum + (settled?.executed ?? 0n)), ZERO);
  }

  /** Anything of it that may still become more. */
  get inDoubt(): boolean {
    return this.attempts.some(({ settled }) => settled === undefined);
  }

  /** Why an order must not be sent now. */
  objection(adds: boolean): string | undefined {
    const { lease, killSwitch } = this.engine;
    if (!lease.held()) return 'another process holds the lease';
    if (killSwitch.level === 'freeze') return `frozen: ${killSwitch.reason ?? ''}`;
    if (!adds) return undefined;
    if (killSwitch.level !== undefined) return `halted: ${killSwitch.reason ?? ''}`;
    return this.#mayAdd();
  }

  nextIntentId(leg: Leg, purpose: IntentPurpose): string {
    this.#intents += 1;
    return `${this.id}/${leg}/${purpose}/${this.attempts.length + this.#intents}`;
  }

  /** Sends one order and waits until it is settled, or until the flow gives up. */
  async order(order: FlowOrder): Promise<OrderResult> {
    const { sender, resolver } = this.engine;
    const giveUpAt = this.giveUpAt;
    const { leg, side, purpose, quantity, reduceOnly, adds, collarBp, quote } = order;
    const sent = await sender.send({
      leg,
      side,
      purpose,
      quantity,
      reduceOnly,
      adds,
      collarBp,
      quote,
      flow: this.id,
      intentId: order.intentId ?? this.nextIntentId(order.leg, order.purpose),
      attempt: order.attempt ?? 1,
      patienceMs: order.patienceMs ?? Math.max(0, giveUpAt - this.engine.clock.monotonic()),
      giveUpAt,
      objection: () => this.objection(order.adds) ?? (order.purpose === 'open' ? this.#mayOpen() : undefined),
    });
    if (sent.kind === 'kept-back') return { ...UNSENT, keptBack: sent.reason, waitMs: sent.waitMs };
    const { attempt, judgement } = sent;
    if (attempt.settled === undefined) await resolver.settle(attempt, giveUpAt);
    await this.#follow(judgement, order);
    return {
      asked: order.quantity,
      executed: attempt.settled?.executed ?? ZERO,
      inDoubt: attempt.settled === undefined,
      judgement,
      keptBack: undefined,
      waitMs: judgement.retryAfterMs ?? 0,
    };
  }

  mark(mark: Mark): Promise<void> {
    return this.engine.writer.mark(this.id, mark);
  }

  /** Journals the residual as it is computed now. */
  async noteDelta(): Promise<Btc> {
    const { residual } = this.engine.book;
    await this.engine.writer.delta(this.id, this.net('spot'), this.net('perp'), residual);
    return residual;
  }

  /** Ends the flow in the journal. */
  async end(outcome: FlowOutcome, reason: string): Promise<FlowResult> {
    const result: FlowResult = { outcome, spot: this.net('spot'), perp: this.net('perp'), residual: this.engine.book.residual, reason };
    await this.engine.writer.record({ flow: this.id, type: 'flow.ended', ...result });
    return result;
  }

  #executed() {
    return this.attempts.map(({ intent, settled }) => ({ leg: intent.leg, side: intent.side, executed: settled?.executed ?? ZERO }));
  }

  /** What an answer asks for beyond its own order. */
  async #follow(judgement: Judgement, order: FlowOrder): Promise<void> {
    switch (responseTo(judgement, 'createOrder')) {
      case 'halt-opening':
        await this.engine.killSwitch.halt('opening', `${judgement.row}: the venue refuses us (${order.leg} leg)`);
        return;
      case 'resync-and-ask-again':
        await this.engine.clockWatch.measure();
        return;
      default:
        return;
    }
  }
}

/** What one order did, as the outcome of its leg. */
export const outcomeOf = ({ asked, executed, inDoubt }: OrderResult): LegOutcome => ({ asked, executed, inDoubt });
