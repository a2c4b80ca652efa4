import { abs, add, formatFixed, negate, sub, type Btc, toNumber } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { FlowResult } from '../executor/ports.js';
import { premiumAgainst } from '../hedge/premium.js';
import type { FlowOutcome } from '../journal/journal-event.js';
import type { DecisionMarket } from './decision-market.js';
import type { FlowDecision } from '../sim/flow-truth.js';
import type { Simulation } from '../sim/simulation.js';
import type { Tape } from '../sim/tape-event.js';
import type { VirtualClock } from '../sim/virtual-clock.js';
import { CRASHED, type ExecutorHost } from './executor-host.js';

/** How a flow ended in truth; `naked` is what no honest executor may leave behind without saying so. */
export type TruthOutcome = FlowOutcome | 'naked';

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
    const decidedAt = clock.now();
    const upbitMid = market.mid('upbit', decidedAt);
    const binanceMid = market.mid('binance', decidedAt);
    const usdKrw = market.usdKrw(decidedAt);
    if (upbitMid === undefined || binanceMid === undefined || usdKrw === undefined) return undefined;
    return { decidedAt, upbitMid, binanceMid, usdKrw, premium: premiumAgainst(upbitMid, binanceMid, usdKrw) };
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
    const outcome = isLocked ? 'locked' : this.#truthOutcome(kind, quantity, before, flow);
    simulation.endFlow(flow, outcome, error);
    return { flow, outcome, reason: error ?? claimed?.reason ?? outcome };
  }

  #isNaked(): boolean {
    const { simulation, lot } = this.#options;
    return abs(simulation.residual()) >= lot;
  }

  /** Judged by what the venues hold, so that every executor is measured by the same rule. */
  #truthOutcome(kind: 'enter' | 'exit', quantity: Btc, before: { readonly spot: Btc; readonly perp: Btc }, flow: number): TruthOutcome {
    const { simulation, lot } = this.#options;
    if (this.#isNaked()) return 'naked';
    const short = negate(simulation.perp());
    if (kind === 'exit') return short < lot ? 'flat' : 'hedged';
    const opened = min2(sub(simulation.spot(), before.spot), sub(short, negate(before.perp)));
    // An entry for less than a lot opens nothing, which no rounding turns into a hedge.
    if (opened > 0n && add(opened, sub(lot, 1n as Btc)) >= quantity) return 'hedged';
    if (opened >= lot) return 'partially-rolled-back';
    return this.#traded(flow) ? 'rolled-back' : 'aborted';
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

const min2 = (a: Btc, b: Btc): Btc => (a < b ? a : b);

/** `0.05 BTC (8,000,000 KRW)` of a naked amount at a price, for people. */
export function nakedText(residual: Btc, upbitMid: number): string {
  const krw = Math.round(Math.abs(toNumber(residual)) * upbitMid);
  return `${formatFixed(abs(residual))} BTC and ${String(krw).replace(/\B(?=(\d{3})+$)/g, ',')} KRW`;
}
