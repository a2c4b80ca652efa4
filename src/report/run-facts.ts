import { type Btc, parseFixed, toNumber } from '../core/money.js';
import { type EpochMs, epochMs, type VenueId } from '../core/units.js';
import type { TapeEvent } from '../sim/tape-event.js';
import type { FlowFacts, ForcedFacts, OrderFacts, Prices, RunFacts, TapeOf } from './facts/fact-types.js';
import { LedgerKeeper } from './facts/ledger-keeper.js';
import { OrderBookKeeper } from './facts/order-book-keeper.js';
import { PositionKeeper } from './facts/position-keeper.js';
import { StepSeries } from './facts/step-series.js';

/** Just under one lot of the perpetual (0.001 BTC): a lot or more is a naked position, dust is not. */
export const TOLERANCE_DEFAULT: Btc = parseFixed<Btc>('0.00099999');

/**
 * Reads a tape once and sorts it into what the metrics speak of: orders with their fills, flows, positions,
 * episodes of residual delta, prices and the ledger.
 *
 * @throws InternalError when the tape contradicts itself (a fill without an order, postings that miss a balance).
 */
export function runFacts(tape: readonly TapeEvent[], tolerance: Btc = TOLERANCE_DEFAULT): RunFacts {
  const reader = new TapeReader(tolerance);
  for (const event of tape) reader.read(event);
  return reader.facts(tape);
}

type Listed = 'funding' | 'fault' | 'process' | 'mark' | 'flow.begin' | 'flow.end' | 'note';

class TapeReader {
  readonly #tolerance: Btc;
  readonly #orders = new OrderBookKeeper();
  readonly #positions: PositionKeeper;
  readonly #ledger = new LedgerKeeper();
  readonly #prices: Prices = { upbit: new StepSeries(), binance: new StepSeries(), usdKrw: new StepSeries(), usdtKrw: new StepSeries() };
  readonly #lists = new Map<Listed, TapeEvent[]>();
  #run: TapeOf<'run'> | undefined;
  #series: TapeOf<'premium.series'> | undefined;
  readonly #openPositions: TapeOf<'position'>[] = [];
  readonly #forced: { readonly event: TapeOf<'forced'>; readonly realized: number }[] = [];

  constructor(tolerance: Btc) {
    this.#tolerance = tolerance;
    this.#positions = new PositionKeeper(tolerance);
  }

  read(event: TapeEvent): void {
    this.#readPrices(event);
    if (this.#readOrders(event)) return;
    switch (event.type) {
      case 'run':
        this.#run = event;
        return;
      case 'posting':
        if (event.venue === 'upbit' && event.asset === 'BTC' && event.reason === 'external') this.#positions.external(event.t, event.amount);
        return this.#ledger.posting(event);
      case 'deposit':
        return this.#ledger.deposit(event);
      case 'balance':
        return this.#ledger.balance(event);
      case 'position':
        this.#openPositions.push(event);
        return;
      case 'premium.series':
        this.#series = event;
        return;
      case 'forced':
        this.#forced.push({ event, realized: this.#positions.forced(event) });
        return;
      case 'funding':
      case 'fault':
      case 'process':
      case 'mark':
      case 'flow.begin':
      case 'flow.end':
      case 'note':
        return this.#list(event);
      default:
        return;
    }
  }

  /** Whether the event belongs to an order's life; it is taken in then. */
  #readOrders(event: TapeEvent): boolean {
    switch (event.type) {
      case 'request':
        this.#orders.request(event);
        return true;
      case 'arrived':
        this.#orders.arrived(event);
        return true;
      case 'answer':
        this.#orders.answer(event);
        return true;
      case 'order.accepted':
        this.#orders.accepted(event);
        return true;
      case 'order.refused':
        this.#orders.refused(event);
        return true;
      case 'order.ended':
        this.#orders.ended(event);
        return true;
      case 'fill':
        this.#orders.fill(event);
        this.#positions.fill(event);
        return true;
      default:
        return false;
    }
  }

  facts(tape: readonly TapeEvent[]): RunFacts {
    const orders = this.#orders.orders();
    return {
      run: this.#run,
      from: epochMs(tape[0]?.t ?? 0),
      to: epochMs(tape.at(-1)?.t ?? 0),
      orders,
      cancels: this.#orders.cancels(),
      fills: this.#orders.fills,
      flows: this.#flows(orders),
      forced: this.#forcedFacts(),
      funding: this.#listed('funding'),
      faults: this.#listed('fault'),
      processes: this.#listed('process'),
      marks: this.#listed('mark'),
      premiumSeries: this.#series,
      prices: this.#prices,
      positions: this.#positions.steps,
      episodes: this.#positions.episodes(),
      tolerance: this.#tolerance,
      ledger: this.#ledger.ledger(),
      openPositions: this.#openPositions,
      notes: this.#listed('note').map((note) => note.text),
    };
  }

  /** In a liquidation the insurance fund bears what the margin cannot: the venue books less loss than the price made. */
  #forcedFacts(): readonly ForcedFacts[] {
    return this.#forced.map(({ event, realized }, index) => ({
      event,
      change: toNumber(event.quantity),
      insuranceUsdt: event.kind === 'liquidation' ? Math.max(0, this.#ledger.realizedByForce(index + 1) - realized) : 0,
    }));
  }

  #flows(orders: readonly OrderFacts[]): readonly FlowFacts[] {
    const ends = new Map(this.#listed('flow.end').map((end) => [end.flow, end]));
    return this.#listed('flow.begin').map((begin) => ({
      begin,
      end: ends.get(begin.flow),
      orders: orders.filter((order) => order.request.flow === begin.flow),
      fills: this.#orders.fills.filter((fill) => fill.flow === begin.flow),
    }));
  }

  #readPrices(event: TapeEvent): void {
    switch (event.type) {
      case 'flow.begin':
        this.#mid(event.t, 'upbit', event.upbitMid);
        this.#mid(event.t, 'binance', event.binanceMid);
        this.#prices.usdKrw.push(event.t, event.usdKrw);
        return;
      case 'order.accepted':
      case 'fill':
        return this.#mid(event.t, event.venue, event.mid);
      case 'mark':
        this.#mid(event.t, 'upbit', event.upbitMid);
        this.#mid(event.t, 'binance', event.binanceMid);
        if (event.usdKrw !== undefined) this.#prices.usdKrw.push(event.t, event.usdKrw);
        if (event.usdtKrw !== undefined) this.#prices.usdtKrw.push(event.t, event.usdtKrw);
        return;
      default:
        return;
    }
  }

  #mid(t: EpochMs, venue: VenueId, mid: number | undefined): void {
    if (mid !== undefined) this.#prices[venue].push(t, mid);
  }

  #list(event: TapeEvent & { readonly type: Listed }): void {
    const list = this.#lists.get(event.type);
    if (list === undefined) this.#lists.set(event.type, [event]);
    else list.push(event);
  }

  #listed<Type extends Listed>(type: Type): readonly TapeOf<Type>[] {
    return (this.#lists.get(type) ?? []) as TapeOf<Type>[];
  }
}
