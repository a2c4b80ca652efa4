import type { EpochMs } from '../core/units.js';
import type { VenueWorld } from '../faults/world.js';
import { binanceOrderBody, binanceTradeBody, type BinanceOrder, type BinanceOrderState } from './binance-order.js';

const DAY_MS = 86_400_000;
const OPEN: ReadonlySet<string> = new Set(['NEW', 'PARTIALLY_FILLED', 'PENDING_CANCEL']);

/** How an order is named: `orderId` wins when both are given. */
export interface BinanceOrderName {
  readonly orderId?: string | undefined;
  readonly origClientOrderId?: string | undefined;
}

type Body = Record<string, unknown>;

/** Every order of the account, and what a reader sees of each. */
export class BinanceOrders {
  readonly #world: Pick<VenueWorld, 'idReuse'>;
  readonly #now: () => EpochMs;
  readonly #orders = new Map<number, BinanceOrder>();
  readonly #byClientId = new Map<string, BinanceOrder>();

  constructor(world: Pick<VenueWorld, 'idReuse'>, now: () => EpochMs) {
    this.#world = world;
    this.#now = now;
  }

  add(order: BinanceOrder): void {
    this.#orders.set(order.orderId, order);
    if (order.clientOrderId !== undefined) this.#byClientId.set(order.clientOrderId, order);
  }

  find(name: BinanceOrderName): BinanceOrder | undefined {
    if (name.orderId !== undefined) return this.#orders.get(Number(name.orderId));
    return name.origClientOrderId === undefined ? undefined : this.#byClientId.get(name.origClientOrderId);
  }

  /** A client's id is good once for ever, or again once its order is over: the world says which. */
  isTaken(clientOrderId: string): boolean {
    const known = this.#byClientId.get(clientOrderId);
    return known !== undefined && (this.#world.idReuse === 'never' || known.ended === undefined);
  }

  /** Those that may still trade, whatever readers see of them. */
  get open(): readonly BinanceOrder[] {
    return [...this.#orders.values()].filter(({ ended }) => ended === undefined);
  }

  /** Undefined while not visible, and when the venue has forgotten it: unfilled ended orders after 3 days, all after 90. */
  visible(order: BinanceOrder, kind: 'order' | 'openOrders' | 'trades', at: EpochMs): BinanceOrderState | undefined {
    const age = this.#now() - order.updatedAt;
    if (order.ended !== undefined && (age > 90 * DAY_MS || (order.executed === 0n && age > 3 * DAY_MS))) return undefined;
    return order.seen.read(kind, at);
  }

  /** Bodies of those that a reader sees as open, oldest first. */
  openBodies(asOf: EpochMs): readonly Body[] {
    const list: Body[] = [];
    for (const order of this.#orders.values()) {
      const state = this.visible(order, 'openOrders', asOf);
      if (state !== undefined && OPEN.has(state.status)) list.push(binanceOrderBody(order, state, 'query'));
    }
    return list;
  }

  /** The body of one that a reader sees as open. */
  openBody(order: BinanceOrder, asOf: EpochMs): Body | undefined {
    const state = this.visible(order, 'openOrders', asOf);
    return state === undefined || !OPEN.has(state.status) ? undefined : binanceOrderBody(order, state, 'query');
  }

  /** Every order as a reader sees it, oldest first, with when it was made. */
  all(asOf: EpochMs): readonly { readonly at: EpochMs; readonly orderId: number; readonly body: Body }[] {
    return [...this.#orders.values()].flatMap((order) => {
      const state = this.visible(order, 'order', asOf);
      return state === undefined ? [] : [{ at: order.createdAt, orderId: order.orderId, body: binanceOrderBody(order, state, 'query') }];
    });
  }

  /** Trades as far as a reader sees them, oldest first, with when they happened. */
  trades(asOf: EpochMs): readonly { readonly at: EpochMs; readonly id: number; readonly orderId: number; readonly body: Body }[] {
    const list = [...this.#orders.values()].flatMap((order) => {
      const count = this.visible(order, 'trades', asOf)?.tradeCount ?? 0;
      return order.trades
        .slice(0, count)
        .map((trade) => ({ at: trade.at, id: trade.id, orderId: order.orderId, body: binanceTradeBody(order, trade) }));
    });
    return list.sort((a, b) => a.id - b.id);
  }
}
