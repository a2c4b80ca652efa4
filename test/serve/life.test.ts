import type { Order } from 'ccxt';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { Signal } from '../../src/run/signal.js';
import { worldWith } from '../sim/support/world.js';
import { NEWS } from '../wire/streams/support/subscribed.js';
import { clientsOf, served, SYMBOL, type Clients, type Served } from './support/served.js';
import { proClientsOf } from './support/pro-clients.js';
import { watched, type Watched } from './support/watched.js';

const NO_ID = undefined as unknown as string;
const BOTH = ['upbit', 'binance'] as const;

/** Of each venue the third order's answer is lost: once without a word, once in the middle of its body. */
const LOST = `  - { id: spot-reply, when: { venue: upbit, method: createOrder, nth: 3, countPer: run }, inject: { lose: { part: response, as: timeout } } }
  - { id: perp-reply, when: { venue: binance, method: createOrder, nth: 3, countPer: run }, inject: { transport: { mode: closed-in-body } } }`;

/** Few BTC at each price, so that a small order takes all of one. */
const thinBooks = {
  upbit: { mid: '130000000', spreadBp: 2, depth: '0.4' },
  binance: { mid: '89500', spreadBp: 0.2, depth: '0.4' },
};

interface Life extends Clients {
  readonly close: () => Promise<void>;
  /** What streams told; clients of REST have none. */
  readonly watched?: Watched;
}

async function restLife(open: Served): Promise<Life> {
  return { ...(await clientsOf(open, { timeoutMs: 2_000 })), close: () => Promise.resolve() };
}

async function proLife(open: Served): Promise<Life> {
  const clients = await proClientsOf(open, 2_000);
  return { ...clients, watched: watched(clients) };
}

// One life: each step stands on the ones before it.
describe.each([
  { kind: 'ccxt', born: restLife },
  { kind: 'ccxt.pro', born: proLife },
])('a whole life of unmodified $kind clients', ({ born }) => {
  const over = new Signal();
  let open: Served;
  let life: Life;
  let ended: Promise<unknown>;
  const orders: Record<VenueId, string> = { upbit: '', binance: '' };
  const at = (venue: VenueId): Clients[VenueId] => life[venue];

  beforeAll(async () => {
    await new Promise<void>((ready, failed) => {
      const act = async (opened: Served): Promise<void> => {
        open = opened;
        life = await born(opened);
        ready();
        await over.raised;
      };
      ended = served(act, { faults: LOST, world: worldWith({ books: thinBooks }) });
      ended.catch(failed);
    });
  });
  afterAll(async () => {
    await life.close();
    over.raise();
    await ended;
  });

  test('1 time: the venues have the time of the machine', async () => {
    expect(Math.abs(((await life.binance.fetchTime()) ?? 0) - Date.now())).toBeLessThan(1_000);
    const { headers } = await fetch(`${open.url('upbit')}/v1/market/all`);
    expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now())).toBeLessThan(2_000);
  });

  test('2 markets: both list the pair, with what an order must keep to', async () => {
    await Promise.all([life.upbit.loadMarkets(), life.binance.loadMarkets()]);
    expect(life.upbit.market(SYMBOL.upbit)).toMatchObject({ spot: true, base: 'BTC', quote: 'KRW' });
    expect(life.binance.market(SYMBOL.binance)).toMatchObject({ linear: true, precision: { amount: 0.001, price: 0.1 } });
  });

  test('3 book: bids below asks, best first', async () => {
    for (const venue of BOTH) {
      const { bids, asks } = await at(venue).fetchOrderBook(SYMBOL[venue], venue === 'upbit' ? undefined : 20);
      const prices = [...[...bids].reverse(), ...asks].map(([price]) => Number(price));
      expect(prices).toEqual([...prices].sort((a, b) => a - b));
      expect(Math.min(bids.length, asks.length)).toBeGreaterThanOrEqual(15);
    }
  });

  test('4 ticker: what was traded last lies at the book', async () => {
    expect((await life.upbit.fetchTicker(SYMBOL.upbit)).last).toBeCloseTo(130_000_000, -5);
    expect((await life.binance.fetchTicker(SYMBOL.binance)).last).toBeCloseTo(89_500, -2);
  });

  test('5 balance: what the account began with', async () => {
    expect((await life.upbit.fetchBalance())['KRW']).toMatchObject({ free: 100_000_000, used: 0 });
    expect((await life.binance.fetchBalance())['USDT']).toMatchObject({ free: 30_000 });
  });

  test('6 leverage: is set and read back', async () => {
    await life.binance.setLeverage(3, SYMBOL.binance);
    expect(await life.binance.fetchLeverage(SYMBOL.binance)).toMatchObject({ longLeverage: 3, shortLeverage: 3 });
  });

  test('7 buy: an order of the spot leg is taken', async () => {
    const bought = await life.upbit.createOrder(SYMBOL.upbit, 'limit', 'buy', 0.02, 131_000_000, { clientOrderId: 'in-spot', timeInForce: 'IOC' });
    expect(bought.id).toMatch(/^[0-9a-f-]{36}$/);
    orders.upbit = String(bought.id);
  });

  test('8 short: the perpetual is sold as much', async () => {
    const sold = await life.binance.createOrder(SYMBOL.binance, 'market', 'sell', 0.02, undefined, { clientOrderId: 'in-perp' });
    expect([sold.status, sold.filled]).toEqual(['closed', 0.02]);
    orders.binance = String(sold.id);
  });

  test('9 poll: both are closed, and have trades', async () => {
    for (const venue of BOTH) {
      expect(await at(venue).fetchOrder(orders[venue], SYMBOL[venue])).toMatchObject({ status: 'closed', filled: 0.02, remaining: 0 });
      expect(await at(venue).fetchOpenOrders(SYMBOL[venue])).toEqual([]);
    }
    const trades = await life.binance.fetchMyTrades(SYMBOL.binance);
    expect(trades.reduce((sum, { order, amount }) => sum + (order === orders.binance ? Number(amount) : 0), 0)).toBeCloseTo(0.02, 9);
    expect((await life.upbit.fetchBalance())['BTC']).toMatchObject({ total: 0.02 });
  });

  test('10 partial and cancel: what the best price holds is executed, the rest is cancelled', async () => {
    for (const [venue, side] of [
      ['upbit', 'buy'],
      ['binance', 'sell'],
    ] as const) {
      const book = await at(venue).fetchOrderBook(SYMBOL[venue]);
      const [price = 0, size = 0] = (side === 'buy' ? book.asks[0] : book.bids[0]) ?? [];
      const amount = Math.round((size + 0.01) * 1_000) / 1_000;
      const resting = await at(venue).createOrder(SYMBOL[venue], 'limit', side, amount, Number(price), { clientOrderId: `rest-${venue}` });
      const standing = await vi.waitFor(async () => {
        const [found] = await at(venue).fetchOpenOrders(SYMBOL[venue]);
        expect(found).toMatchObject({ id: resting.id, status: 'open', amount });
        expect(found?.filled).toBeGreaterThan(0);
        return found;
      }, NEWS);
      await at(venue).cancelOrder(String(resting.id), SYMBOL[venue]);
      await vi.waitFor(async () => {
        const gone = await at(venue).fetchOrder(String(resting.id), SYMBOL[venue]);
        expect([gone.status, gone.filled]).toEqual(['canceled', standing?.filled]);
      }, NEWS);
    }
  });

  test('11 lost reply and look-up by client id: the order stands, once', async () => {
    const buy = life.upbit.createOrder(SYMBOL.upbit, 'limit', 'buy', 0.01, 131_000_000, { clientOrderId: 'hd-1', timeInForce: 'IOC' });
    await expect(buy).rejects.toThrow('timed out');
    const sell = life.binance.createOrder(SYMBOL.binance, 'market', 'sell', 0.01, undefined, { clientOrderId: 'hd-2' });
    await expect(sell).rejects.toThrow('other side closed');
    expect(open.run.session.tally().map(({ fired }) => fired)).toEqual([1, 1]);
    expect(await life.upbit.fetchOrder(NO_ID, SYMBOL.upbit, { identifier: 'hd-1' })).toMatchObject({ status: 'closed', filled: 0.01 });
    expect(await life.binance.fetchOrder(NO_ID, SYMBOL.binance, { clientOrderId: 'hd-2' })).toMatchObject({ status: 'closed', filled: 0.01 });
    expect(open.events().filter(({ type }) => type === 'order.accepted')).toHaveLength(6);
  });

  test('12 close reduce-only: no more than the position is bought back, and the coins are sold', async () => {
    const [position] = await life.binance.fetchPositions([SYMBOL.binance]);
    const held = Number(position?.contracts);
    expect([position?.side, held > 0.03]).toEqual(['short', true]);
    const close = { clientOrderId: 'out-perp', reduceOnly: true };
    // Of more than there is only the position is closed.
    const bought = await life.binance.createOrder(SYMBOL.binance, 'market', 'buy', held + 0.01, undefined, close);
    expect(bought).toMatchObject({ status: 'closed', reduceOnly: true });
    const btc = Number((await life.upbit.fetchBalance())['BTC']?.free);
    const sale = await life.upbit.createOrder(SYMBOL.upbit, 'market', 'sell', btc, undefined, { clientOrderId: 'out-spot' });
    await vi.waitFor(async () => {
      expect(await life.upbit.fetchOrder(String(sale.id), SYMBOL.upbit)).toMatchObject({ status: 'closed', filled: btc });
    }, NEWS);
  });

  test('13 positions and income: nothing is left, and the money adds up', async () => {
    expect(await life.binance.fetchPositions([SYMBOL.binance])).toEqual([]);
    expect((await life.upbit.fetchBalance())['BTC']?.total ?? 0).toBe(0);
    const income = await life.binance.fetchLedger('USDT');
    expect(new Set(income.map(({ info }) => (info as { incomeType: string }).incomeType))).toEqual(new Set(['COMMISSION', 'REALIZED_PNL']));
    const sum = income.reduce((total, { info }) => total + Number((info as { income: string }).income), 0);
    expect((await life.binance.fetchBalance())['USDT']?.total).toBeCloseTo(30_000 + sum, 6);
    expect([open.problems, open.run.unlisted()]).toEqual([[], []]);
  });

  test('14 streams of all of it: every order to its end, every trade, both balances, the position and the book', async ({ skip }) => {
    const { watched: told } = life;
    if (told === undefined) return skip('clients of REST have no streams: ccxt.pro does');
    await vi.waitFor(() => everythingTold(told), NEWS);
    expect(told.errors).toEqual([]);
  });

  async function everythingTold(told: Watched): Promise<void> {
    for (const venue of BOTH) {
      const truth = (await closedOf(life, venue)).map(({ id, status, filled }) => [id, status, filled]);
      expect(truth).toHaveLength(4);
      expect([...told.orders[venue].values()].map(({ id, status, filled }) => [id, status, filled])).toEqual(expect.arrayContaining(truth));
      const fills = open.events().flatMap((event) => (event.type === 'fill' && event.venue === venue ? [event] : []));
      const trades = fills.map(({ tradeId, quantity }) => [tradeId, Number(quantity) / 1e8]);
      // ccxt.pro.upbit keeps no trades between two calls: of those that come at once it tells the first.
      const first = (index: number): boolean => fills[index]?.orderId !== fills[index - 1]?.orderId;
      expect(trades).toEqual(expect.arrayContaining([...told.trades[venue]]));
      expect([...told.trades[venue]]).toEqual(expect.arrayContaining(venue === 'binance' ? trades : trades.filter((_, index) => first(index))));
      expect(told.books[venue]).toBeGreaterThan(0);
      expect(told.balances[venue]).toBe((await at(venue).fetchBalance())[venue === 'upbit' ? 'KRW' : 'USDT']?.total);
    }
    expect([told.positions[0], told.lastPosition()]).toEqual([0.02, 0]);
  }

  /** The orders of the life as REST tells them, by their client ids. */
  async function closedOf(clients: Clients, venue: VenueId): Promise<Order[]> {
    const ids = venue === 'upbit' ? ['in-spot', 'rest-upbit', 'hd-1', 'out-spot'] : ['in-perp', 'rest-binance', 'hd-2', 'out-perp'];
    const named = (id: string): object => (venue === 'upbit' ? { identifier: id } : { clientOrderId: id });
    return Promise.all(ids.map((id) => clients[venue].fetchOrder(NO_ID, SYMBOL[venue], named(id))));
  }
});
