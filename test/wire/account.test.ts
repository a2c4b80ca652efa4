import { expect, test } from 'vitest';
import { fixed, toNumber } from '../../src/core/money.js';
import { durationMs } from '../../src/core/units.js';
import { movingMarket } from '../sim/support/moving-market.js';
import { START, worldWith } from '../sim/support/world.js';
import { seated } from './support/both-ways.js';
import { byHand, type Row } from './support/by-hand.js';

/** Calls of real ccxt that no executor makes. */
interface More {
  fetchTradingFee(symbol: string): Promise<Row>;
  fetchTradingFees(): Promise<Record<string, Row>>;
  fetchBalance(params?: object): Promise<{ USDT: Row }>;
  fetchFundingHistory(symbol: string): Promise<Row[]>;
  fetchLedger(code?: string): Promise<Row[]>;
  fetchMyLiquidations(symbol: string): Promise<Row[]>;
  fetchPositions(symbols: string[], params?: object): Promise<Row[]>;
}
const more = (client: unknown): More => client as More;
const PERP = 'BTC/USDT:USDT';
const HOUR = 3_600_000;
const RATE = 0.0003;

test('real ccxt, Binance: balances of every version, fees, funding, the ledger and the position say what the tape says', async () => {
  const { value, tape } = await seated('ccxt', { market: movingMarket({ fundingRate: RATE }) }, async ({ binance, clock }) => {
    await binance.createOrder(PERP, 'market', 'sell', 0.1, undefined, { clientOrderId: 'short' });
    await clock.sleep(durationMs(7 * HOUR));
    const client = more(binance);
    return {
      v3: (await client.fetchBalance()).USDT,
      v2: (await client.fetchBalance({ useV2: true })).USDT,
      fee: await client.fetchTradingFee(PERP),
      fees: (await client.fetchTradingFees())[PERP],
      funding: await client.fetchFundingHistory(PERP),
      ledger: await client.fetchLedger(),
      position: (await client.fetchPositions([PERP]))[0],
      positionV2: (await client.fetchPositions([PERP], { useV2: true }))[0],
      none: await client.fetchMyLiquidations(PERP),
    };
  });
  const postings = tape.events.flatMap((event) =>
    event.type === 'posting' && event.venue === 'binance' && event.reason !== 'deposit' ? [event] : [],
  );
  const wallet = toNumber(
    fixed(tape.events.reduce((sum, event) => (event.type === 'posting' && event.asset === 'USDT' ? sum + event.amount : sum), 0n)),
  );
  const fill = tape.events.find((event) => event.type === 'fill');
  expect(value.v3).toEqual(value.v2);
  expect(value.v3['total']).toBeCloseTo(wallet + Number((value.position as { unrealizedPnl: number }).unrealizedPnl), 6);
  expect(value.fee).toMatchObject({ maker: 0.0002, taker: 0.0005 });
  // ccxt takes these from a table of its own by the tier, and its taker fee there is an old one.
  expect(value.fees).toMatchObject({ info: { feeTier: 0 }, maker: 0.0002 });
  expect(value.funding).toMatchObject([{ timestamp: START + 7 * HOUR, code: 'USDT', amount: toNumber(postings.at(-1)?.amount ?? 0n) }]);
  expect(value.funding[0]?.['amount']).toBeCloseTo(0.1 * 89_500 * RATE, 6);
  expect(value.ledger.map(({ type, amount, direction }) => [type, Number(amount) * (direction === 'out' ? -1 : 1)])).toEqual([
    ['commission', toNumber(postings[0]?.amount ?? 0n)],
    ['fee', toNumber(postings[1]?.amount ?? 0n)],
  ]);
  expect(value.position).toMatchObject({ side: 'short', contracts: 0.1, entryPrice: toNumber(fill?.price ?? 0n) });
  expect(value.positionV2).toMatchObject({ side: 'short', contracts: 0.1, leverage: 1 });
  expect(value.none).toEqual([]);
});

test('real ccxt, Binance: a liquidation is told with its side, size and price', async () => {
  const market = movingMarket({ perp: (elapsed) => (elapsed < HOUR ? 89_500 : 89_500 * 2.2) });
  const { value, tape } = await seated('ccxt', { market }, async ({ binance, clock }) => {
    await binance.createOrder(PERP, 'market', 'sell', 0.1, undefined, { clientOrderId: 'short' });
    await clock.sleep(durationMs(2 * HOUR));
    return more(binance).fetchMyLiquidations(PERP);
  });
  const forced = tape.events.find((event) => event.type === 'forced');
  expect(value).toMatchObject([{ symbol: PERP, side: 'buy', contracts: 0.1, timestamp: forced?.t }]);
  expect(value[0]?.['price']).toBeCloseTo(toNumber(forced?.price ?? 0n), 1);
});

test('real ccxt, Upbit: the fee of the market', async () => {
  const { value } = await seated('ccxt', {}, async ({ upbit }) => more(upbit).fetchTradingFee('BTC/KRW'));
  expect(value).toMatchObject({ symbol: 'BTC/KRW', maker: 0.0005, taker: 0.0005 });
});

test('Upbit: what a coin was bought for, and what may be ordered', async () => {
  const { accounts, chance, elsewhere } = await byHand(async ({ upbit, clock }) => {
    const buy = async (krw: string, name: string) => {
      const order = { market: 'KRW-BTC', side: 'bid', ord_type: 'price', price: krw, identifier: name };
      await upbit('POST', '/v1/orders', Object.entries(order));
      await clock.sleep(durationMs(100));
    };
    await buy('1000000', 'a');
    await buy('2000000', 'b');
    return {
      accounts: (await upbit('GET', '/v1/accounts')).body,
      chance: (await upbit('GET', '/v1/orders/chance', [['market', 'KRW-BTC']])).body,
      elsewhere: await upbit('GET', '/v1/orders/chance', [['market', 'KRW-ETH']]),
    };
  });
  const btc = accounts.find((row) => row['currency'] === 'BTC');
  expect(btc).toMatchObject({ avg_buy_price_modified: false, unit_currency: 'KRW' });
  expect(Number(btc?.['avg_buy_price']) * Number(btc?.['balance'])).toBeCloseTo(3_000_000, -1);
  expect(chance).toMatchObject({
    bid_fee: '0.0005',
    market: { id: 'KRW-BTC', bid: { currency: 'KRW', min_total: '5000' }, max_total: '1000000000', state: 'active' },
    bid_account: accounts[0],
    ask_account: btc,
  });
  expect(elsewhere).toMatchObject({ status: 400, body: { error: { name: 'validation_error' } } });
});

test('Binance settings: asked for and changed, and refused where the venue refuses', async () => {
  const answers = await byHand(async ({ binance }) => {
    const get = async (path: string, params = ''): Promise<unknown> => (await binance('GET', `/fapi/v1/${path}`, params)).body;
    const post = async (path: string, params = ''): Promise<unknown> => {
      const { body } = await binance('POST', `/fapi/v1/${path}`, params);
      return body['code'] ?? body;
    };
    return {
      config: await get('accountConfig'),
      commission: await get('commissionRate', 'symbol=BTCUSDT'),
      limits: await get('rateLimit/order'),
      multi: await get('multiAssetsMargin'),
      refused: [
        await post('multiAssetsMargin', 'multiAssetsMargin=true'),
        await post('multiAssetsMargin', 'multiAssetsMargin=false'),
        await post('multiAssetsMargin', 'multiAssetsMargin=maybe'),
        await post('leverage', 'symbol=BTCUSDT'),
        await post('leverage', 'symbol=BTCUSDT&leverage=200'),
        await post('marginType', 'symbol=BTCUSDT&marginType=SIDEWAYS'),
      ],
      changed: [await post('marginType', 'symbol=BTCUSDT&marginType=CROSSED'), await post('multiAssetsMargin', 'multiAssetsMargin=true')],
      after: [await get('multiAssetsMargin'), await post('marginType', 'symbol=BTCUSDT&marginType=ISOLATED')],
    };
  });
  expect(answers).toEqual({
    config: {
      ...{ feeTier: 0, canTrade: true, canDeposit: true, canWithdraw: true, dualSidePosition: false },
      ...{ updateTime: 0, multiAssetsMargin: false, tradeGroupId: -1 },
    },
    commission: { symbol: 'BTCUSDT', makerCommissionRate: '0.000200', takerCommissionRate: '0.000500', rpiCommissionRate: '0.000000' },
    limits: [
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
    ],
    multi: { multiAssetsMargin: false },
    refused: [-4167, -4171, -1102, -1102, -4028, -1102],
    changed: [200, 200],
    after: [{ multiAssetsMargin: true }, -4168],
  });
});

test('Binance income: by type, by time, in pages; a type that there is not is refused', async () => {
  const answers = await byHand(
    async ({ binance, clock }) => {
      await binance('POST', '/fapi/v1/order', 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.1');
      await clock.sleep(durationMs(7 * HOUR));
      const types = async (params: string): Promise<unknown> => {
        const { body } = await binance('GET', '/fapi/v1/income', params);
        return Array.isArray(body) ? body.map((row) => row['incomeType']) : body['code'];
      };
      return {
        all: await types(''),
        funding: await types('incomeType=FUNDING_FEE'),
        early: await types(`endTime=${START + HOUR}`),
        second: await types('limit=1&page=2'),
        unknown: await types('incomeType=GIFTS'),
        elsewhere: await types('symbol=ETHUSDT'),
        row: (await binance('GET', '/fapi/v1/income', 'incomeType=COMMISSION')).body[0],
        trade: (await binance('GET', '/fapi/v1/userTrades', 'symbol=BTCUSDT')).body[0],
      };
    },
    worldWith(),
    { market: movingMarket({ fundingRate: RATE }) },
  );
  const { row, trade, ...lists } = answers;
  expect(lists).toEqual({
    all: ['COMMISSION', 'FUNDING_FEE'],
    funding: ['FUNDING_FEE'],
    early: ['COMMISSION'],
    second: ['FUNDING_FEE'],
    unknown: -1130,
    elsewhere: -1121,
  });
  expect(row).toMatchObject({ symbol: 'BTCUSDT', income: `-${String(trade?.['commission'])}`, asset: 'USDT', tradeId: String(trade?.['id']) });
});

test('Binance listenKey: the same while it lives, an hour from each time, gone when it is closed or forgotten; a key is enough', async () => {
  const answers = await byHand(async ({ clock, keyed }) => {
    const first = await keyed('POST', '/fapi/v1/listenKey');
    await clock.sleep(durationMs(50 * 60_000));
    const renewed = await keyed('PUT', '/fapi/v1/listenKey');
    await clock.sleep(durationMs(50 * 60_000));
    const same = await keyed('POST', '/fapi/v1/listenKey');
    await clock.sleep(durationMs(61 * 60_000));
    const expired = await keyed('PUT', '/fapi/v1/listenKey');
    const second = await keyed('POST', '/fapi/v1/listenKey');
    const closed = await keyed('DELETE', '/fapi/v1/listenKey');
    const again = await keyed('PUT', '/fapi/v1/listenKey');
    return { first, renewed, same, expired, second, closed, again, stranger: await keyed('POST', '/fapi/v1/listenKey', 'another') };
  });
  const { first, renewed, same, expired, second, closed, again, stranger } = answers;
  expect(first.body['listenKey']).toMatch(/^[\da-f]{64}$/);
  expect([renewed.body, same.body]).toEqual([first.body, first.body]);
  expect([expired.body['code'], again.body['code'], stranger.body['code']]).toEqual([-1125, -1125, -2015]);
  expect(second.body['listenKey']).not.toBe(first.body['listenKey']);
  expect(closed.body).toEqual({});
});
