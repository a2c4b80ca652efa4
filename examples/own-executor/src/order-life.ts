import { formatFixed, parseFixed, type Btc, type ClientOrder, type Clock, type ExchangeClient } from 'hedgedrill';
import { isForGood, LONG_PATIENCE, proofOf, seconds, type VenueDoor } from './venue-door.js';

export const ZERO = 0n as Btc;

/** An order as the executor asks for it. Spot buys are limit-IOC, since Upbit sizes its market buys by KRW; all others go to the market. */
export interface Order {
  readonly leg: 'spot' | 'perp';
  readonly side: 'buy' | 'sell';
  readonly quantity: Btc;
  /** Of a spot buy. */
  readonly limitKrw: number;
}

/** How an order ended, as far as the venue's answers about it go. */
export interface OrderEnd {
  readonly executed: Btc;
  /** False when the venue could not be asked for so long that a human must look. */
  readonly isKnown: boolean;
  /** The venue denies it: nothing, unless the denial is wrong, as Binance's have been. */
  readonly isDenied: boolean;
  /** Refused, and it would be again. */
  readonly isHopeless: boolean;
}

const NOTHING: OrderEnd = { executed: ZERO, isKnown: true, isDenied: false, isHopeless: false };
const SYMBOL = { spot: 'BTC/KRW', perp: 'BTC/USDT:USDT' } as const;
const POLL = seconds(0.5);
const CANCEL_AFTER_MS = 8_000;
const CANCEL_AGAIN_MS = 5_000;
const GIVE_UP_MS = 120_000;
const RECV_WINDOW_MS = 2_000;
/** Until then a request that was sent may still become an order: Binance bounds it by recvWindow, for Upbit it is an assumption. */
const LIFETIME_MS = { spot: 15_000, perp: 7_000 } as const;
const DENIALS = 2;
const FINAL: ReadonlySet<string | undefined> = new Set(['closed', 'canceled', 'expired', 'rejected']);

export const btc = (value: number): Btc => parseFixed<Btc>(value.toFixed(8));

/** Sends one order under an id of its own, once, and follows it until nothing more can happen to it. */
export async function placeOrder(order: Order, door: VenueDoor, clock: Clock, id: string): Promise<OrderEnd> {
  // Deadlines are the monotonic clock's: the wall clock may be set back in the middle of an order.
  const sentAt = clock.monotonic();
  try {
    await door.call((client) => create(client, order, id));
  } catch (error) {
    // Anything but a proof of refusal leaves the order in doubt: look it up, never send it again.
    if (proofOf(error) === 'refused') return { ...NOTHING, isHopeless: isForGood(error) };
  }
  return followOrder(order, door, clock, id, sentAt);
}

async function followOrder({ leg }: Order, door: VenueDoor, clock: Clock, id: string, sentAt: number): Promise<OrderEnd> {
  let executed = ZERO;
  let denials = 0;
  let cancelAt = sentAt + CANCEL_AFTER_MS;
  let isSeen = false;
  while (clock.monotonic() - sentAt < GIVE_UP_MS) {
    try {
      const order = await door.call((client) => client.fetchOrder(undefined, SYMBOL[leg], named(leg, id)), LONG_PATIENCE);
      if (order.id !== undefined) {
        isSeen = true;
        executed = order.filled === undefined ? executed : btc(order.filled);
        if (FINAL.has(order.status) && order.filled !== undefined) return { ...NOTHING, executed };
      }
    } catch (error) {
      // A single denial is a replica that lags, and one before the request's lifetime is over says nothing of tomorrow.
      if (proofOf(error) === 'denied' && !isSeen && clock.monotonic() - sentAt >= LIFETIME_MS[leg]) denials += 1;
      if (denials === DENIALS) return { ...NOTHING, isDenied: true };
    }
    if (isSeen && clock.monotonic() >= cancelAt) {
      cancelAt = clock.monotonic() + CANCEL_AGAIN_MS;
      // Whatever a cancel answers, the next look-up tells what it came to.
      await door.call((client) => client.cancelOrder(undefined, SYMBOL[leg], named(leg, id))).catch(() => undefined);
    }
    await clock.sleep(POLL);
  }
  return { ...NOTHING, executed, isKnown: false };
}

function create(client: ExchangeClient, { leg, side, quantity, limitKrw }: Order, clientOrderId: string): Promise<ClientOrder> {
  const amount = Number(formatFixed(quantity));
  if (leg === 'perp') {
    const params = { clientOrderId, recvWindow: RECV_WINDOW_MS, ...(side === 'buy' ? { reduceOnly: true } : {}) };
    return client.createOrder(SYMBOL.perp, 'market', side, amount, undefined, params);
  }
  if (side === 'sell') return client.createOrder(SYMBOL.spot, 'market', side, amount, undefined, { clientOrderId });
  return client.createOrder(SYMBOL.spot, 'limit', side, amount, limitKrw, { clientOrderId, timeInForce: 'IOC' });
}

/** Each venue has its own word for an id of ours; ccxt's generic one would make Upbit deny every order. */
const named = (leg: Order['leg'], id: string): Record<string, unknown> => (leg === 'spot' ? { identifier: id } : { clientOrderId: id });

/** Cancels what rests under our account, whoever put it there. */
export async function cancelAllOpen(leg: Order['leg'], door: VenueDoor): Promise<void> {
  const open = await door.call((client) => client.fetchOpenOrders(SYMBOL[leg]));
  for (const { id } of open) await door.call((client) => client.cancelOrder(id, SYMBOL[leg])).catch(() => undefined);
}

/** What both accounts hold; the short is negative. The accounts must be the executor's alone. */
export async function readHoldings(upbit: VenueDoor, binance: VenueDoor): Promise<{ readonly spot: Btc; readonly perp: Btc }> {
  const [balance, positions] = await Promise.all([
    upbit.call((client) => client.fetchBalance()) as Promise<{ readonly BTC?: { readonly total?: number | string } }>,
    binance.call((client) => client.fetchPositions([SYMBOL.perp])),
  ]);
  const short = positions.find(({ side }) => side === 'short')?.contracts ?? 0;
  return { spot: btc(Number(balance.BTC?.total ?? 0)), perp: btc(-short) };
}
