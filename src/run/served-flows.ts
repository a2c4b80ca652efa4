import { abs, fixed, negate, type Btc, type Fixed } from '../core/money.js';
import { addMs, type EpochMs, type Side, type VenueId } from '../core/units.js';
import type { ClientCall } from '../sim/client-call.js';
import type { FlowKind } from '../sim/flow-truth.js';
import type { Simulation } from '../sim/simulation.js';
import type { Tape, TapeEvent } from '../sim/tape-event.js';
import type { VirtualClock } from '../sim/virtual-clock.js';
import { decisionAt, type DecisionMarket } from './decision-market.js';
import { isNaked, truthOutcome, type TruthOutcome } from './truth-outcome.js';

/** How long nothing may have happened to an order before a flow counts as over. */
const QUIET_MS = 15_000;
const CHANGES: ReadonlySet<TapeEvent['type']> = new Set(['order.accepted', 'order.refused', 'fill', 'order.ended']);
const ONE_BTC = 100_000_000n;

export interface ServedFlowsOptions {
  readonly clock: VirtualClock;
  readonly simulation: Simulation;
  readonly market: DecisionMarket;
  readonly tape: Tape;
  readonly lot: Btc;
  /** Of the entries that a scenario asks for, in order; an entry beyond them is as large as its first order. */
  readonly quantities: readonly Btc[];
}

interface Running {
  readonly number: number;
  readonly kind: FlowKind;
  readonly quantity: Btc;
  readonly before: { readonly spot: Btc; readonly perp: Btc };
  hasTraded: boolean;
}

/**
 * A foreign client does not say when it enters or leaves a hedge. Its orders do: the first one of an entry's side begins
 * an entry, one against a hedge that stands begins an exit, and a flow is over once nothing is open, nothing is naked and
 * nothing has happened for a while.
 */
export class ServedFlows {
  readonly #options: ServedFlowsOptions;
  readonly #quantities: Btc[];
  readonly outcomes: { readonly flow: number; readonly kind: FlowKind; readonly outcome: TruthOutcome }[] = [];
  #running: Running | undefined;
  #changedAt: EpochMs;
  #isWatching = false;

  constructor(options: ServedFlowsOptions) {
    this.#options = options;
    this.#quantities = [...options.quantities];
    this.#changedAt = options.clock.now();
    options.tape.onEvent((event) => {
      if (!CHANGES.has(event.type)) return;
      if (event.type === 'fill' && this.#running !== undefined) this.#running.hasTraded = true;
      this.#changed();
    });
  }

  /** A call is about to be made. */
  called(venue: VenueId, { method, facts }: ClientCall): void {
    if (method !== 'createOrder' || facts.side === undefined) return;
    const side = facts.side;
    const entersWith: Side = venue === 'upbit' ? 'buy' : 'sell';
    if (side === entersWith) {
      if (this.#running === undefined) this.#begin('enter', this.#quantities.shift() ?? this.#sizeOf(venue, facts));
    } else if (this.#stands()) {
      if (this.#running?.kind === 'enter') this.#end();
      if (this.#running === undefined) this.#begin('exit', abs(this.#options.simulation.perp()));
    }
    this.#changed();
  }

  /** Ends the flow that still runs. */
  finish(): void {
    this.#end();
  }

  /** Whether a hedge stands: both legs held, nothing naked, nothing open. */
  #stands(): boolean {
    const { simulation, lot } = this.#options;
    return simulation.openOrders() === 0 && negate(simulation.perp()) >= lot && !isNaked(simulation, lot);
  }

  #begin(kind: FlowKind, quantity: Btc): void {
    const { simulation, market, clock } = this.#options;
    const decision = decisionAt(market, clock.now());
    // In a gap of the data no price can be named, and nothing trades.
    if (decision === undefined) return;
    const before = { spot: simulation.spot(), perp: simulation.perp() };
    this.#running = { number: simulation.beginFlow(kind, quantity, decision), kind, quantity, before, hasTraded: false };
  }

  #end(): void {
    const running = this.#running;
    if (running === undefined) return;
    const { simulation, lot } = this.#options;
    const outcome = truthOutcome({ ...running, after: simulation, lot, traded: () => running.hasTraded });
    simulation.endFlow(running.number, outcome);
    this.outcomes.push({ flow: running.number, kind: running.kind, outcome });
    this.#running = undefined;
  }

  #changed(): void {
    this.#changedAt = this.#options.clock.now();
    this.#watch();
  }

  #watch(): void {
    if (this.#running === undefined || this.#isWatching) return;
    this.#isWatching = true;
    this.#options.clock.schedule(addMs(this.#changedAt, QUIET_MS), () => {
      this.#isWatching = false;
      this.#look();
    });
  }

  #look(): void {
    const { clock, simulation, lot } = this.#options;
    if (clock.now() < addMs(this.#changedAt, QUIET_MS)) this.#watch();
    else if (simulation.openOrders() === 0 && !isNaked(simulation, lot)) this.#end();
    // What is open or naked changes with an order, which looks again.
  }

  #sizeOf(venue: VenueId, { quantity, cost, price }: ClientCall['facts']): Btc {
    if (quantity !== undefined) return quantity;
    const { market, clock } = this.#options;
    const mid = market.mid(venue, clock.now());
    const at: Fixed<string> | undefined = price ?? (mid === undefined ? undefined : fixed(BigInt(Math.round(mid * Number(ONE_BTC)))));
    return cost === undefined || at === undefined || at === 0n ? fixed(0n) : fixed((cost * ONE_BTC) / at);
  }
}
