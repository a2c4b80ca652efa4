import { fixed, formatFixed, sub, type Btc } from '../core/money.js';
import { SYMBOLS } from '../exchange/client-params.js';
import type { ClientTrade } from '../exchange/exchange-client.js';
import { amountOf, readOrder } from '../exchange/order-reading.js';
import { signed } from '../hedge/residual.js';
import type { Engine } from './engine.js';

/** Copies leave within seconds; what is older than this was compared with the venue many times. */
const LOOK_BACK_MS = 86_400_000;

/** What one order of the venue did, by its trades. */
interface Executed {
  readonly orderId: string;
  readonly net: Btc;
}

/**
 * Explains a short that our orders do not: Binance frees a client id when its order ends, so that a proxy or a library
 * that sends a request twice makes it trade twice. An order that carries an id of ours and is not the one that we know
 * by it is ours; when such orders explain the whole difference it is adopted, and people are told. Anything else is left
 * to a human.
 *
 * @param position - signed position that the venue has shown twice.
 * @returns whether the book now agrees with it.
 */
export async function adoptCopies(engine: Engine, position: Btc): Promise<boolean> {
  const { book, writer } = engine;
  // A doubt of our own on this leg would be counted twice once the holding is believed.
  if (book.attempts().some(({ intent, settled }) => intent.leg === 'perp' && settled?.certainty !== 'proven')) return false;
  const copies = await copiesOfOurs(engine);
  if (copies.length === 0) return false;
  const net = copies.reduce((sum, copy) => fixed<Btc>(sum + copy.net), fixed<Btc>(0n));
  if (net !== sub(position, book.perp)) return false;
  const orders = copies.map(({ orderId }) => orderId);
  const reason = `Binance took a request of ours more than once: order ${orders.join(', ')} made ${formatFixed(net)} BTC besides the one we know`;
  await writer.record({ flow: '-', type: 'holdings.adopted', leg: 'perp', from: book.perp, to: position, reason, orders });
  await writer.alert('-', 'POSITION_MISMATCH', 'critical', `${reason}; it is counted as ours and taken off`);
  return true;
}

async function copiesOfOurs({ book, gateways, clock }: Engine): Promise<readonly Executed[]> {
  const since = clock.now() - LOOK_BACK_MS;
  const trades = await gateways.binance.read('fetchMyTrades', (client) => client.fetchMyTrades(SYMBOLS.binance, since));
  if (trades.kind !== 'answer') return [];
  const copies: Executed[] = [];
  for (const executed of byOrder(trades.value)) {
    if (book.knowsPerpOrder(executed.orderId)) continue;
    const order = await gateways.binance.read('fetchOrder', (client) => client.fetchOrder(executed.orderId, SYMBOLS.binance));
    if (order.kind !== 'answer') continue;
    const { orderId, clientOrderId } = readOrder('binance', order.value);
    if (orderId === executed.orderId && clientOrderId !== undefined && book.hasSentPerp(clientOrderId)) copies.push(executed);
  }
  return copies;
}

/** Trades that cannot be read are left out: what they did is then not explained. */
function byOrder(trades: readonly ClientTrade[]): readonly Executed[] {
  const nets = new Map<string, bigint>();
  for (const { order, side, amount } of trades) {
    const quantity = amountOf(amount) as Btc | undefined;
    if (order === undefined || quantity === undefined || (side !== 'buy' && side !== 'sell')) continue;
    nets.set(order, (nets.get(order) ?? 0n) + signed(side, quantity));
  }
  return [...nets].map(([orderId, net]) => ({ orderId, net: fixed<Btc>(net) }));
}
