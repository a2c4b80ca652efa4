import type { FillFacts, FlowFacts, RunFacts } from './fact-types.js';

/**
 * What a fill is measured against: both mids and the FX rate when its flow was decided. `inFlow` is false for a
 * fill outside every flow (after a restart, by the monitor, late): that one is its own benchmark.
 */
export interface Benchmark {
  readonly t: number;
  readonly upbitMid: number;
  readonly binanceMid: number;
  readonly usdKrw: number;
  readonly flow: FlowFacts | undefined;
}

/** Finds the benchmark of any fill. The FX rate of a run that never names one is taken as NaN by the caller. */
export class Benchmarks {
  readonly #facts: RunFacts;
  readonly #flows: ReadonlyMap<number, FlowFacts>;

  constructor(facts: RunFacts) {
    this.#facts = facts;
    this.#flows = new Map(facts.flows.map((flow) => [flow.begin.flow, flow]));
  }

  of(fill: FillFacts): Benchmark {
    const flow = this.#flows.get(fill.flow);
    // A late fill is not part of the decision any more: measuring it from there would call the drift since then delay.
    if (flow === undefined || (flow.end !== undefined && fill.t > flow.end.t)) return this.at(fill.t);
    const { decidedAt, upbitMid, binanceMid, usdKrw } = flow.begin;
    return { t: decidedAt, upbitMid, binanceMid, usdKrw, flow };
  }

  /** The mids and FX rate in force at an instant. */
  at(t: number): Benchmark {
    const { upbit, binance, usdKrw } = this.#facts.prices;
    return {
      t,
      upbitMid: upbit.nearest(t) ?? 0,
      binanceMid: binance.nearest(t) ?? 0,
      usdKrw: usdKrw.nearest(t) ?? 0,
      flow: undefined,
    };
  }
}
