import { add, fixed, formatFixed, sub, type Btc } from '../core/money.js';
import { SYMBOLS } from '../exchange/client-params.js';
import type { ClientTrade } from '../exchange/exchange-client.js';
import { amountOf, readOrder } from '../exchange/order-reading.js';
import { signed } from '../hedge/residual.js';
import type { Engine } from './engine.js';
import type { Attempt } from './position-book.js';

/** Copies leave within seconds; what is older than this was compared with the venue many times. */
const LOOK_BACK_MS = 86_400_000;

/** What is asked about copies, and what is told of them. */
type Asked = Pick<Engine, 'book' | 'gateways' | 'clock' | 'writer'>;

/** What one order of the venue did, by its trades. */
interface Executed {
  readonly orderId: string;
  readonly net: Btc;
}

/** What is known of orders that the book does not know. */
interface Unknown {
  readonly copies: readonly Executed[];
  readonly foreign: readonly Executed[];
}

/**
 * - `adopted`: copies of our own requests explain all of it, and the book agrees now.
 * - `foreign`: orders that are not ours explain it, or are a part of what explains it.
 * - `unclear`: what the venue shows now does not add up, or cannot be read.
 */
export type Explanation = 'adopted' | 'foreign' | 'unclear';

/**
 * Explains a short that our orders do not: Binance frees a client id when its order ends, so that a proxy or a library
 * that sends a request twice makes it trade twice. An order that carries an id of ours and is not the one that we know
 * by it is ours; when such orders explain the whole difference it is adopted, and people are told.
 *
 * @param position - signed position that the venue has shown twice.
 */
export async function adoptCopies(engine: Asked, position: Btc): Promise<Explanation> {
  const { book, writer } = engine;
  const unknown = await ordersUnknown(engine);
  if (unknown === undefined) return 'unclear';
  const { copies, foreign } = unknown;
  const difference = sub(position, book.perp);
  const net = sumOf(copies);
  if (copies.length === 0 || net !== difference) return foreign.length > 0 && sumOf([...copies, ...foreign]) === difference ? 'foreign' : 'unclear';
  const orders = copies.map(({ orderId }) => orderId);
  const reason = `Binance took a request of ours more than once: order ${orders.join(', ')} made ${formatFixed(net)} BTC besides the one we know`;
  await writer.record({ flow: '-', type: 'holdings.adopted', leg: 'perp', from: book.perp, to: position, reason, orders });
  await writer.alert('-', 'POSITION_MISMATCH', 'critical', `${reason}; it is counted as ours and taken off`);
  return 'adopted';
}

/** @returns undefined when what the venue answers cannot be read. */
async function ordersUnknown({ book, gateways, clock }: Asked): Promise<Unknown | undefined> {
  const since = Math.max(clock.now() - LOOK_BACK_MS, book.perpAdoptedAt ?? 0);
  const trades = await gateways.binance.read('fetchMyTrades', (client) => client.fetchMyTrades(SYMBOLS.binance, since));
  if (trades.kind !== 'answer') return undefined;
  const copies: Executed[] = [];
  const foreign: Executed[] = [];
  for (const executed of byOrder(trades.value)) {
    if (book.knowsPerpOrder(executed.orderId)) continue;
    const order = await gateways.binance.read('fetchOrder', (client) => client.fetchOrder(executed.orderId, SYMBOLS.binance));
    if (order.kind !== 'answer') return undefined;
    const { orderId, clientOrderId } = readOrder('binance', order.value);
    if (orderId !== executed.orderId) return undefined;
    if (clientOrderId === undefined || !book.hasSentPerp(clientOrderId)) foreign.push(executed);
    // An order of ours in doubt is no copy: whoever follows it settles it, and would count it once more.
    else if (!isInDoubt(book.attempt(clientOrderId))) copies.push(executed);
  }
  return { copies, foreign };
}

const isInDoubt = (attempt: Attempt | undefined): boolean => attempt !== undefined && attempt.settled?.certainty !== 'proven';
const sumOf = (orders: readonly Executed[]): Btc => orders.reduce((sum, { net }) => add(sum, net), fixed<Btc>(0n));

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
