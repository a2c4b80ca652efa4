import type { Asset, Btc, Fixed } from '../../core/money.js';
import type { Purpose } from '../../core/purpose.js';
import type { EpochMs, Leg, Side, VenueId } from '../../core/units.js';
import type { PostingReason, TapeEvent } from '../../sim/tape-event.js';
import type { StepSeries } from './step-series.js';

/** The tape's event of one type. */
export type TapeOf<Type extends TapeEvent['type']> = Extract<TapeEvent, { readonly type: Type }>;

/** A fill with its exact event and the same figures as numbers (BTC and quote currency). */
export interface FillFacts {
  readonly event: TapeOf<'fill'>;
  readonly t: EpochMs;
  readonly venue: VenueId;
  readonly leg: Leg;
  readonly side: Side;
  /** +1 bought, -1 sold. */
  readonly sign: 1 | -1;
  readonly flow: number;
  readonly purpose: Purpose;
  readonly price: number;
  readonly quantity: number;
  readonly fee: number;
  readonly feeAsset: Asset;
  readonly mid: number;
  /** Best price on the side that was taken when its order began to trade at this instant. */
  readonly touch: number;
  /** The venue's mid when the order reached it. */
  readonly arrivalMid: number;
}

/** One attempt to create an order, from the request to its end, as the venues know it. */
export interface OrderFacts {
  readonly request: TapeOf<'request'>;
  readonly arrivedAt: EpochMs | undefined;
  readonly answer: TapeOf<'answer'> | undefined;
  readonly accepted: TapeOf<'order.accepted'> | undefined;
  readonly refused: TapeOf<'order.refused'> | undefined;
  readonly ended: TapeOf<'order.ended'> | undefined;
  readonly fills: readonly FillFacts[];
  readonly executed: Btc;
  /** What was asked for in BTC; a market buy by cost counts its cost at the arrival mid. Undefined when neither is known. */
  readonly intended: number | undefined;
}

export interface CancelFacts {
  readonly request: TapeOf<'request'>;
  readonly answer: TapeOf<'answer'> | undefined;
}

export interface FlowFacts {
  readonly begin: TapeOf<'flow.begin'>;
  readonly end: TapeOf<'flow.end'> | undefined;
  readonly orders: readonly OrderFacts[];
  /** In order of time; a fill after the flow's end still belongs to the flow of its order. */
  readonly fills: readonly FillFacts[];
}

/** Net quantities from `t` on: what the hedge holds on each venue, signed (a short is negative). */
export interface PositionStep {
  readonly t: EpochMs;
  readonly spot: Btc;
  readonly perp: Btc;
  readonly residual: Btc;
}

/** A stretch of time with |residual| above the tolerance; `end` undefined: still naked when the tape ends. */
export interface Episode {
  readonly start: EpochMs;
  readonly end: EpochMs | undefined;
  /** The flow whose fill (or end) opened it, where there is one. */
  readonly flow: number | undefined;
  /** What opened it: the purpose of the fill's order, or a change that no order of ours made. */
  readonly openedBy: Purpose | 'forced' | 'external';
}

/** A change that the venue made to the perpetual by itself. */
export interface ForcedFacts {
  readonly event: TapeOf<'forced'>;
  /** BTC, signed like a fill: bought back is positive. */
  readonly change: number;
  /** Loss beyond the position's margin that the venue's insurance fund bore, USDT. */
  readonly insuranceUsdt: number;
}

export interface Prices {
  readonly upbit: StepSeries;
  readonly binance: StepSeries;
  readonly usdKrw: StepSeries;
  readonly usdtKrw: StepSeries;
}

/** Sums of postings: `totals.get('upbit/KRW')`, and the same by reason. */
export interface Ledger {
  readonly totals: ReadonlyMap<string, bigint>;
  readonly byReason: ReadonlyMap<string, bigint>;
  /** Money that came from or went outside: deposits and what a drill changed by hand. */
  readonly capital: readonly {
    readonly t: EpochMs;
    readonly venue: VenueId;
    readonly asset: Asset;
    readonly amount: Fixed<string>;
    readonly reason: PostingReason;
  }[];
}

export interface RunFacts {
  readonly run: TapeOf<'run'> | undefined;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly orders: readonly OrderFacts[];
  readonly cancels: readonly CancelFacts[];
  readonly fills: readonly FillFacts[];
  readonly flows: readonly FlowFacts[];
  readonly forced: readonly ForcedFacts[];
  readonly funding: readonly TapeOf<'funding'>[];
  readonly faults: readonly TapeOf<'fault'>[];
  readonly processes: readonly TapeOf<'process'>[];
  readonly marks: readonly TapeOf<'mark'>[];
  readonly premiumSeries: TapeOf<'premium.series'> | undefined;
  readonly prices: Prices;
  /** Position steps, ascending in time; the first is flat at `from`. */
  readonly positions: readonly PositionStep[];
  readonly episodes: readonly Episode[];
  readonly tolerance: Btc;
  readonly ledger: Ledger;
  /** What is open at the end; more than one in hedge mode. */
  readonly openPositions: readonly TapeOf<'position'>[];
  readonly notes: readonly string[];
}
