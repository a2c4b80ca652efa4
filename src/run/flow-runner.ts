import { abs, formatFixed, type Btc, toNumber } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { FlowResult } from '../executor/ports.js';
import { decisionAt, type DecisionMarket } from './decision-market.js';
import type { FlowDecision } from '../sim/flow-truth.js';
import type { Simulation } from '../sim/simulation.js';
import type { Tape } from '../sim/tape-event.js';
import type { VirtualClock } from '../sim/virtual-clock.js';
import { CRASHED, type ExecutorHost } from './executor-host.js';
import { isNaked, truthOutcome, type TruthOutcome } from './truth-outcome.js';

export interface FlowEnd {
  readonly flow: number;
  readonly outcome: TruthOutcome;
  /** What the executor itself said, or the error it threw. */
  readonly reason: string;
}

export interface FlowRunnerOptions {
  readonly clock: VirtualClock;
  readonly simulation: Simulation;
  readonly market: DecisionMarket;
  readonly host: ExecutorHost;
  readonly tape: Tape;
  /** A residual of at least this is naked: one lot of the perpetual. */
  readonly lot: Btc;
}

/** Asks the executor for entries and exits and says how each ended by the venues' truth, whatever the executor believes. */
export class FlowRunner {
  readonly #options: FlowRunnerOptions;
  /** What the executor threw instead of answering, in order. */
  readonly thrown: string[] = [];

  constructor(options: FlowRunnerOptions) {
    this.#options = options;
  }

  /** Both mids, FX and premium now; undefined in a gap. */
  decision(): FlowDecision | undefined {
    const { clock, market } = this.#options;
    return decisionAt(market, clock.now());
  }

  /** @param decision - what the strategy saw; the market's present when a scenario enters without one. */
  async enter(quantity: Btc, decision: FlowDecision, stillGood?: (at: EpochMs) => boolean): Promise<FlowEnd> {
    const { clock, host } = this.#options;
    return this.#flow('enter', quantity, decision, (executor) =>
      executor.enter({
        quantity,
        // The driver lives in the same process: its clock is wrong in the same way.
        decidedAt: host.wallTime(decision.decidedAt),
        upbitPrice: decision.upbitMid,
        binancePrice: decision.binanceMid,
        usdKrw: decision.usdKrw,
        premium: decision.premium,
        stillGood: stillGood === undefined ? undefined : () => stillGood(clock.now()),
      }),
    );
  }

  async exit(reason: string, decision: FlowDecision): Promise<FlowEnd> {
    const { simulation, host } = this.#options;
    return this.#flow('exit', abs(simulation.perp()), decision, (executor) =>
      executor.exit({ positionIds: [], decidedAt: host.wallTime(decision.decidedAt), reason }),
    );
  }

  async #flow(
    kind: 'enter' | 'exit',
    quantity: Btc,
    decision: FlowDecision,
    act: (executor: ExecutorHost['executor']) => Promise<FlowResult>,
  ): Promise<FlowEnd> {
    const { simulation, host } = this.#options;
    const before = { spot: simulation.spot(), perp: simulation.perp() };
    const flow = simulation.beginFlow(kind, quantity, decision);
    let claimed: FlowResult | undefined;
    let error: string | undefined;
    try {
      const result = await host.call(act);
      if (result === CRASHED) error = 'the process died during this flow; recovery ended it';
      else claimed = result;
    } catch (thrown) {
      error = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
      this.thrown.push(`flow ${flow} (${kind}) threw ${error}`);
    }
    const isLocked = claimed?.outcome === 'locked' || (host.isAlive && host.executor.halted !== undefined && this.#isNaked());
    const outcome = isLocked
      ? 'locked'
      : truthOutcome({ kind, quantity, before, after: simulation, lot: this.#options.lot, traded: () => this.#traded(flow) });
    simulation.endFlow(flow, outcome, error);
    return { flow, outcome, reason: error ?? claimed?.reason ?? outcome };
  }

  #isNaked(): boolean {
    const { simulation, lot } = this.#options;
    return isNaked(simulation, lot);
  }

  #traded(flow: number): boolean {
    const { events } = this.#options.tape;
    for (let index = events.length - 1; index >= 0; index -= 1) {
      const event = events[index];
      if (event?.type === 'flow.begin' && event.flow === flow) return false;
      if (event?.type === 'fill' && event.flow === flow) return true;
    }
    return false;
  }
}

/** `0.05 BTC (8,000,000 KRW)` of a naked amount at a price, for people. */
export function nakedText(residual: Btc, upbitMid: number): string {
  const krw = Math.round(Math.abs(toNumber(residual)) * upbitMid);
  return `${formatFixed(abs(residual))} BTC and ${String(krw).replace(/\B(?=(\d{3})+$)/g, ',')} KRW`;
}
