import type { Order } from 'ccxt';
import type { VenueId } from '../../../src/core/units.js';
import type { ProClients } from './pro-clients.js';
import { SYMBOL } from './served.js';

/** What streams have told so far. */
export interface Watched {
  /** By id, as they were told last. */
  readonly orders: Readonly<Record<VenueId, Map<string, Order>>>;
  /** BTC of own trades, by id. */
  readonly trades: Readonly<Record<VenueId, Map<string, number>>>;
  /** KRW at Upbit, USDT at Binance, in total. */
  readonly balances: Record<VenueId, number | undefined>;
  readonly books: Record<VenueId, number>;
  /** Contracts of each news of the position; of two that come at once ccxt.pro tells the first, and keeps the other. */
  readonly positions: number[];
  readonly lastPosition: () => number;
  readonly errors: string[];
}

/** How ccxt.pro keeps positions. */
interface Kept {
  readonly future?: readonly { readonly contracts?: number }[];
}

/** Watches everything of both venues until the clients are closed. */
export function watched({ upbit, binance }: ProClients): Watched {
  const told: Watched = {
    orders: { upbit: new Map(), binance: new Map() },
    trades: { upbit: new Map(), binance: new Map() },
    balances: { upbit: undefined, binance: undefined },
    books: { upbit: 0, binance: 0 },
    positions: [],
    lastPosition: () => Number((binance.positions as unknown as Kept).future?.at(-1)?.contracts ?? Number.NaN),
    errors: [],
  };
  const watch = <T>(news: () => Promise<T>, take: (news: T) => void): void => {
    const go = async (): Promise<void> => {
      for (;;) take(await news());
    };
    go().catch((error: unknown) => {
      const { name, message } = error as Error;
      if (name !== 'ExchangeClosedByUser') told.errors.push(`${name}: ${message}`);
    });
  };
  for (const [venue, client, currency] of [
    ['upbit', upbit, 'KRW'],
    ['binance', binance, 'USDT'],
  ] as const) {
    const symbol = SYMBOL[venue];
    watch(
      () => client.watchOrders(symbol),
      (orders) => orders.forEach((order) => told.orders[venue].set(String(order.id), { ...order })),
    );
    watch(
      () => client.watchMyTrades(symbol),
      (trades) => trades.forEach(({ id, amount }) => told.trades[venue].set(String(id), Number(amount))),
    );
    watch(
      () => client.watchBalance(),
      (balance) => (told.balances[venue] = balance[currency]?.total),
    );
    watch(
      () => client.watchOrderBook(symbol),
      () => (told.books[venue] += 1),
    );
  }
  watch(
    () => binance.watchPositions([SYMBOL.binance]),
    (positions) => told.positions.push(...positions.map(({ contracts }) => Number(contracts ?? 0))),
  );
  return told;
}
